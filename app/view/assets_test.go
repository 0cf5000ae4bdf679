package view

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestABinaryWithoutAssetsSaysHowToMakeThem(t *testing.T) {
	t.Parallel()
	_, err := loadAssets(fstest.MapFS{"dist/.keep": {}})
	if !errors.Is(err, ErrNoAssets) || !strings.Contains(err.Error(), "make assets") {
		t.Errorf("got %v, want ErrNoAssets with the command", err)
	}
	_, err = loadAssets(fstest.MapFS{
		"dist/assets.json": {Data: []byte(`{}`)}, "dist/sw.js": {}, "dist/manifest.webmanifest": {}, "dist/offline.html": {},
	})
	if !errors.Is(err, ErrNoAssets) {
		t.Errorf("without the style sheet: got %v, want ErrNoAssets", err)
	}
}

// bundle is what `make assets` made; the tests that need it fail without.
func bundle(t *testing.T) *Bundle {
	t.Helper()
	b, err := LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAssetsAreServedByExactPathOnly(t *testing.T) {
	t.Parallel()
	b := bundle(t)
	for path, contentType := range map[string]string{
		b.URL("app.css"): "text/css; charset=utf-8", b.URL("app.js"): "text/javascript; charset=utf-8", b.URL(fontAsset): "font/woff2",
		"/sw.js": "text/javascript; charset=utf-8", "/offline": "text/html; charset=utf-8", "/manifest.webmanifest": "application/manifest+json",
	} {
		file, ok := b.File(path)
		if !ok || file.ContentType != contentType || len(file.Body) == 0 {
			t.Errorf("%s: got %v %q with %d bytes, want %q", path, ok, file.ContentType, len(file.Body), contentType)
		}
		if want := strings.HasPrefix(path, "/assets/"); file.Immutable != want {
			t.Errorf("%s: immutable is %v, want %v", path, file.Immutable, want)
		}
		if file.Gzip != nil {
			unpacked, err := gzip.NewReader(bytes.NewReader(file.Gzip))
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(body, file.Body) {
				t.Errorf("%s: the gzip copy is not the file (%v)", path, err)
			}
		}
	}
	for _, path := range []string{"", "/", "/assets/", "/assets", "/assets/app.css", "/dist/app.css", "/assets/../assets.json", "/assets/assets.json",
		"/assets.json", "/.keep", "/assets/.keep", "/assets/..%2fsw.js", "//sw.js", "/SW.js", b.URL("app.css") + "/", b.URL("app.css") + ".gz"} {
		if _, ok := b.File(path); ok {
			t.Errorf("%q is served, want nothing", path)
		}
	}
}

// A page that nobody has seen before costs at most 100 KB over the wire, of which the
// page itself may take 20.
func TestAssetsStayWithinTheirBudget(t *testing.T) {
	t.Parallel()
	b := bundle(t)
	raw := func(name string) int { file, _ := b.File(b.URL(name)); return len(file.Body) }
	wire := func(name string) int {
		file, _ := b.File(b.URL(name))
		if file.Gzip != nil {
			return len(file.Gzip)
		}
		return len(file.Body)
	}
	const htmx = 52_500
	for _, limit := range []struct {
		what      string
		got, most int
	}{
		{"app.css", raw("app.css"), 46_000},
		{"app.js and live.js without htmx", raw("app.js") + raw("live.js") - htmx, 25_000},
		{"all that a first page loads", wire("app.css") + wire("app.js") + wire("live.js") + wire(fontAsset) + wire("icon.svg"), 80_000},
	} {
		t.Logf("%s: %d bytes", limit.what, limit.got)
		if limit.got > limit.most {
			t.Errorf("%s: got %d bytes, want at most %d", limit.what, limit.got, limit.most)
		}
	}
}

func TestNothingComesFromElsewhereAndNothingIsStored(t *testing.T) {
	t.Parallel()
	b := bundle(t)
	foreign := regexp.MustCompile(`https?://[a-z0-9.-]+`)
	for path, file := range b.files {
		if strings.HasPrefix(file.ContentType, "font/") {
			continue
		}
		for _, address := range foreign.FindAllString(string(file.Body), -1) {
			if address != "http://www.w3.org" {
				t.Errorf("%s names %s", path, address)
			}
		}
	}
	for _, path := range []string{b.URL("app.js"), "/sw.js"} {
		file, _ := b.File(path)
		for _, store := range []string{"localStorage", "sessionStorage", "indexedDB", "document.cookie", "innerHTML", "eval("} {
			if strings.Contains(string(file.Body), store) {
				t.Errorf("%s uses %s", path, store)
			}
		}
	}
}
