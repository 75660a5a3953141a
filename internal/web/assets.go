package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"juli/internal/fault"
)

// Our own style and script stand in the repository and are always there. dist
// holds what `make assets` bundles from npm and may be empty.
//
//go:embed assets/juli.css assets/juli.js assets/inspect.js assets/inspect-worker.js assets/juli.svg assets/cursor.svg all:assets/dist
var assetFiles embed.FS

// assetPath is where the browser finds assets; the name carries the content's
// hash, so that they may be kept for ever.
const assetPath = "/assets/"

type asset struct {
	url, kind  string
	plain, zip []byte
}

// assets maps "juli.css" and "/assets/juli.0123456789ab.css" alike.
var assets = loadAssets(assetFiles)

// AssetURL is the address of an asset, "" if it was not bundled.
func AssetURL(name string) string {
	if a := assets[name]; a != nil {
		return a.url
	}
	return ""
}

func loadAssets(files fs.FS) map[string]*asset {
	found := map[string]*asset{}
	err := fs.WalkDir(files, ".", func(file string, e fs.DirEntry, err error) error {
		name := path.Base(file)
		if err != nil || e.IsDir() || strings.HasPrefix(name, ".") || name == "README.txt" {
			return err
		}
		body, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		a := &asset{kind: kindOf(ext), plain: body, zip: squeeze(body)}
		a.url = assetPath + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		found[name], found[a.url] = a, a
		return nil
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return found
}

func kindOf(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "text/plain; charset=utf-8"
}

// squeeze is body gzipped, or nil if that saves nothing worth it.
func squeeze(body []byte) []byte {
	if len(body) < 1024 {
		return nil
	}
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(body)
	w.Close()
	return b.Bytes()
}

// serveAsset answers with one embedded file.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	keep := "public, max-age=31536000, immutable"
	a := assets[r.URL.Path]
	if a == nil { // by its plain name, as the stylesheet asks for the cursor
		a, keep = assets[strings.TrimPrefix(r.URL.Path, assetPath)], "public, max-age=3600"
	}
	if a == nil {
		http.Error(w, "没有这个文件。", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", keep)
	writeBody(w, r, a.plain, a.zip)
}

// PlainAsset answers with an asset by its plain name, never kept: a service
// worker has to lie where its scope begins and to be found anew when it changes.
func PlainAsset(w http.ResponseWriter, r *http.Request, name string) error {
	a := assets[name]
	if a == nil {
		return fault.New(fault.NotFound, "page.none", "没有这个文件。")
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "no-cache")
	writeBody(w, r, a.plain, a.zip)
	return nil
}

// writeBody sends zip where it is there and wanted, else plain.
func writeBody(w http.ResponseWriter, r *http.Request, plain, zip []byte) {
	h := w.Header()
	if zip != nil {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			plain = zip
		}
	}
	h.Set("Content-Length", itoa(len(plain)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(plain)
	}
}
