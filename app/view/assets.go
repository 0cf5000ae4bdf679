package view

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// dist is what `make assets` made. In a fresh checkout it holds nothing but .keep, so
// that everything compiles before.
//
//go:embed all:dist
var dist embed.FS

// ErrNoAssets says that the binary was built before its assets.
var ErrNoAssets = errors.New("view: this binary holds no browser assets: run `make assets`, then build again")

// The assets that Page names.
const (
	styleAsset  = "app.css"
	scriptAsset = "app.js"
	liveAsset   = "live.js"
	iconAsset   = "icon.svg"
	fontAsset   = "atkinson-hyperlegible-next-latin-wght-normal.woff2"
)

// Bundle is the browser's assets, in memory. It is immutable.
type Bundle struct {
	names map[string]string // app.css → /assets/app-<hash>.css
	files map[string]File
}

// File is a bundled file as it is sent: whole, and compressed ahead of time where that
// makes it smaller (nil otherwise).
type File struct {
	ContentType string
	Body        []byte
	Gzip        []byte
	// Immutable files carry their checksum in their name, so a browser may keep them
	// for a year. Others (/sw.js, /offline) are asked for again each time.
	Immutable bool
}

var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".svg":         "image/svg+xml",
	".woff2":       "font/woff2",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
}

// LoadAssets reads the assets that were built into this binary, or ErrNoAssets.
func LoadAssets() (*Bundle, error) { return loadAssets(dist) }

func loadAssets(source fs.FS) (*Bundle, error) {
	list, err := fs.ReadFile(source, "dist/assets.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoAssets
	}
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	var hashed map[string]string
	if err := json.Unmarshal(list, &hashed); err != nil {
		return nil, fmt.Errorf("read list of assets: %w", err)
	}
	b := &Bundle{names: map[string]string{}, files: map[string]File{}}
	for plain, name := range hashed {
		b.names[plain] = "/assets/" + name
		if err := b.load(source, name, "/assets/"+name, true); err != nil {
			return nil, err
		}
	}
	for address, name := range map[string]string{
		"/sw.js": "sw.js", "/manifest.webmanifest": "manifest.webmanifest", "/offline": "offline.html",
	} {
		if err := b.load(source, name, address, false); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{styleAsset, scriptAsset, liveAsset, iconAsset, fontAsset} {
		if b.names[name] == "" {
			return nil, fmt.Errorf("%w (%s is missing)", ErrNoAssets, name)
		}
	}
	return b, nil
}

func (b *Bundle) load(source fs.FS, name, address string, immutable bool) error {
	body, err := fs.ReadFile(source, "dist/"+name)
	if err != nil {
		return fmt.Errorf("read asset: %w", err)
	}
	packed, err := fs.ReadFile(source, "dist/"+name+".gz")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read asset: %w", err)
	}
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return fmt.Errorf("asset %s has no known type", name)
	}
	b.files[address] = File{ContentType: contentType, Body: body, Gzip: packed, Immutable: immutable}
	return nil
}

// URL is the address of an asset by its plain name: app.css. An unknown name gives "".
func (b *Bundle) URL(name string) string { return b.names[name] }

// File finds what is served at a path, by exact match: /assets/<name with checksum>,
// /sw.js, /manifest.webmanifest and /offline. Nothing is looked up in a file system.
func (b *Bundle) File(urlPath string) (File, bool) {
	file, ok := b.files[urlPath]
	return file, ok
}
