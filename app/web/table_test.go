package web

import (
	"strings"
	"testing"
)

func TestTheTableIsChecked(t *testing.T) {
	t.Parallel()
	handler := func(*Request) (Response, error) { return Empty(), nil }
	for name, routes := range map[string][]Route{
		"no need is stated":              {{Method: "GET", Path: "/a", Handler: handler}},
		"no handler":                     {{Method: "GET", Path: "/a", Need: Public()}},
		"the same as":                    {{Method: "GET", Path: "/a/:x", Need: Public(), Handler: handler}, {Method: "GET", Path: "/a/:y", Need: Public(), Handler: handler}},
		"the same as POST /session":      {{Method: "POST", Path: "/session/extend", Need: Public(), Handler: handler}},
		"the method is not GET or POST":  {{Method: "PUT", Path: "/a", Need: Public(), Handler: handler}},
		"the path is not made of":        {{Method: "GET", Path: "/a/*", Need: Public(), Handler: handler}},
		"the path is not made":           {{Method: "GET", Path: "/a/:b?", Need: Public(), Handler: handler}},
		"the path is not":                {{Method: "GET", Path: "a", Need: Public(), Handler: handler}},
		"the matrix has no permission":   {{Method: "GET", Path: "/a", Need: Permission("note.burn"), Handler: handler}},
		"no limit is called":             {{Method: "GET", Path: "/a", Need: Public(), Handler: handler, Limit: "none"}},
		"only a form keeps":              {{Method: "GET", Path: "/a", Need: Public(), Handler: handler, Keeps: true}},
		"route GET /b: no need is state": {{Method: "GET", Path: "/a", Need: Public()}, {Method: "GET", Path: "/b", Handler: handler}},
	} {
		b := setup(t)
		cfg := b.cfg
		cfg.Registry = nil
		if _, err := New(cfg, routes); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPlainSegmentsComeBeforeParameters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	w.get("/things/new") // stands below /things/:thing in the table
	if b.reached.count("GET /things/new") != 1 {
		t.Error("/things/new was taken for an id")
	}
}
