// Command build bundles the browser's assets: styles, scripts and fonts out of
// assets/ and node_modules/ into dist/, minified, named by checksum, with a gzip copy
// and a manifest. Run it with `make assets` (go run ./app/view/build) from anywhere
// in the checkout, after `npm ci`.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"konote/app/i18n"
	"konote/app/view"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("build assets: ", err)
	}
}

func run() error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	modules := filepath.Join(root, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "htmx.org")); err != nil {
		return errors.New("npm packages are missing: run `npm ci` first")
	}
	source, dist := filepath.Join(root, "app/view/assets"), filepath.Join(root, "app/view/dist")
	names, outputs, err := bundle(source, modules)
	if err != nil {
		return err
	}
	outputs["offline.html"], err = offlinePage(names)
	if err != nil {
		return err
	}
	outputs["sw.js"], err = serviceWorker(source, outputs["offline.html"])
	if err != nil {
		return err
	}
	outputs["manifest.webmanifest"], err = webManifest(source, names["icon.svg"])
	if err != nil {
		return err
	}
	outputs["assets.json"], err = json.MarshalIndent(names, "", "\t")
	if err != nil {
		return err
	}
	return write(dist, outputs)
}

// bundle makes the named files: plain name to name with checksum, and their contents.
func bundle(source, modules string) (map[string]string, map[string][]byte, error) {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: source,
		EntryPoints:   []string{"app.css", "app.js", "live.js", "icon.svg"},
		NodePaths:     []string{modules},
		Bundle:        true,
		Outdir:        "dist",
		EntryNames:    "[name]-[hash]",
		AssetNames:    "[name]-[hash]",
		PublicPath:    "/assets/",
		Format:        api.FormatESModule,
		Target:        api.ES2022,
		Engines:       []api.Engine{{Name: api.EngineSafari, Version: "16.4"}, {Name: api.EngineChrome, Version: "111"}, {Name: api.EngineFirefox, Version: "115"}},
		Loader:        map[string]api.Loader{".woff2": api.LoaderFile, ".svg": api.LoaderCopy},
		LegalComments: api.LegalCommentsLinked, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	if len(result.Errors) > 0 {
		return nil, nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	names, outputs := map[string]string{}, map[string][]byte{}
	for _, file := range result.OutputFiles {
		name := filepath.Base(file.Path)
		names[plainName.ReplaceAllString(name, "$1")] = name
		outputs[name] = file.Contents
	}
	return names, outputs, nil
}

// plainName takes esbuild's checksum out of a name.
var plainName = regexp.MustCompile(`-[A-Z0-9]{8}(\.[a-z0-9]+)`)

// offlinePage is rendered once, here: it is the same for everyone.
func offlinePage(names map[string]string) ([]byte, error) {
	var b bytes.Buffer
	f := &view.Frame{P: i18n.NewPrinter("en", nil, nil), Assets: addresses(names)}
	err := view.OfflinePage(f).Render(context.Background(), &b)
	return b.Bytes(), err
}

type addresses map[string]string

func (a addresses) URL(name string) string { return "/assets/" + a[name] }

// serviceWorker changes with the offline page, so that the one it keeps is never old
// and never points to a style sheet that is gone.
func serviceWorker(source string, offline []byte) ([]byte, error) {
	version := fmt.Sprintf("%x", sha256.Sum256(offline))[:12]
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: source, EntryPoints: []string{"sw.js"}, Bundle: true, Outdir: "dist", Target: api.ES2022,
		Define:           map[string]string{"VERSION": fmt.Sprintf("%q", version)},
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(result.Errors[0].Text)
	}
	return result.OutputFiles[0].Contents, nil
}

func webManifest(source, icon string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(source, "manifest.webmanifest"))
	if err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(text, []byte("ICON"), []byte("/assets/"+icon)), nil
}

// write replaces what dist holds.
func write(dist string, outputs map[string][]byte) error {
	old, err := filepath.Glob(filepath.Join(dist, "[^.]*"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for name, contents := range outputs {
		if err := os.WriteFile(filepath.Join(dist, name), contents, 0o644); err != nil {
			return err
		}
		packed, err := pack(contents)
		if err != nil {
			return err
		}
		if len(packed) >= len(contents) || name == "assets.json" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dist, name+".gz"), packed, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func pack(contents []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(contents); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// moduleRoot is the nearest folder above that holds go.mod.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("not inside the checkout")
		}
		folder = parent
	}
}
