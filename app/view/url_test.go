package view

import "testing"

func TestOnlyAnAddressOfAnotherMachineLeadsOutside(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://id.example/authorize?state=x": "https://id.example/authorize?state=x",
		"http://127.0.0.1:8080/demo/id":        "http://127.0.0.1:8080/demo/id",
		"javascript:alert(1)":                  "/",
		"//evil.example":                       "/",
		"/participants":                        "/",
		"https://a:b@id.example/":              "/",
		"https:evil":                           "/",
		"":                                     "/",
	} {
		if got := string(Elsewhere(text).Safe()); got != want {
			t.Errorf("%q leads to %q, want %q", text, got, want)
		}
	}
}
