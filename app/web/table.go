package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"konote/app/access"
	"konote/app/limit"
)

// defaultMaxBody is what a form may have.
const defaultMaxBody = 256 << 10

// A path is plain segments and :parameters: no wildcards, no optional parts, nothing
// that could overlap in ways that the table does not show.
var pathPattern = regexp.MustCompile(`^/$|^(/(\.well-known|[a-z0-9][a-z0-9.-]*|:[a-z]+))+$`)

// checkTable finds every mistake of the route table at once, and puts the routes in
// the order in which they must be tried: plain segments before parameters.
func checkTable(routes []Route) ([]Route, error) {
	var problems []error
	seen := map[string]string{}
	known := map[access.Key]bool{}
	for _, rule := range access.Matrix {
		known[rule.Key] = true
	}
	for _, route := range routes {
		name := route.Method + " " + route.Path
		wrong := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("route %s: "+format, append([]any{name}, args...)...))
		}
		if route.Method != http.MethodGet && route.Method != http.MethodPost {
			wrong("the method is not GET or POST")
		}
		if !pathPattern.MatchString(route.Path) {
			wrong("the path is not made of plain segments and :parameters")
		}
		if route.Need.kind == needNothingStated {
			wrong("no need is stated")
		}
		if route.Need.kind == needPublic && (route.Need.fresh || route.Need.half != noHalf) {
			wrong("a public page asks for no proof")
		}
		if route.Need.kind == needPermission && len(route.Need.keys) == 0 {
			wrong("a permission is needed and none is named")
		}
		for _, key := range route.Need.keys {
			if !known[key] {
				wrong("the matrix has no permission %q", key)
			}
		}
		if route.Handler == nil {
			wrong("no handler")
		}
		if route.Limit != "" && !limit.Known(route.Limit) {
			wrong("no limit is called %q", route.Limit)
		}
		if route.Foreign && (route.Method != http.MethodPost || route.Need.kind != needPublic) {
			wrong("only a public form comes from another machine")
		}
		if route.Keeps && route.Method != http.MethodPost {
			wrong("only a form keeps what was typed")
		}
		shape := route.Method + " " + parameter.ReplaceAllString(route.Path, ":")
		if other, ok := seen[shape]; ok {
			wrong("the same as %s", other)
		}
		seen[shape] = name
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	sorted := slices.Clone(routes)
	for i := range sorted {
		if sorted[i].MaxBody == 0 {
			sorted[i].MaxBody = defaultMaxBody
		}
	}
	slices.SortStableFunc(sorted, func(a, b Route) int { return cmp.Compare(rank(a.Path), rank(b.Path)) })
	return sorted, nil
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// rank sorts after its plain siblings whatever has a parameter in their place.
func rank(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, ":") {
			segments[i] = "~" // after every letter
		}
	}
	return strings.Join(segments, "/")
}
