package blob

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"juli/internal/fault"
)

const (
	entriesMax  = 1000      // of an office file (INP-3)
	inflatedMax = 512 << 20 // bytes, as its directory says
	partMax     = 1 << 20   // bytes of a part that is read here
)

func checkXLSX(f io.ReaderAt, size int64) error {
	return checkOffice(f, size, "Excel（xlsx）", "spreadsheetml.sheet.main+xml")
}

func checkDOCX(f io.ReaderAt, size int64) error {
	return checkOffice(f, size, "Word（docx）", "wordprocessingml.document.main+xml")
}

// checkOffice wants an OOXML package of one main type that carries neither
// macros nor other programs. Parts are only listed, not unpacked: reading a
// table is package sheet's, under its own limits.
func checkOffice(f io.ReaderAt, size int64, what, main string) error {
	var magic [4]byte
	if _, err := f.ReadAt(magic[:], 0); err != nil || string(magic[:]) != "PK\x03\x04" {
		return mismatch(what)
	}
	z, err := zip.NewReader(f, size)
	if err != nil || len(z.File) > entriesMax {
		return mismatch(what)
	}
	var inflated uint64
	seen := map[string]bool{}
	for _, e := range z.File {
		name := strings.ToLower(e.Name)
		inflated += e.UncompressedSize64
		if seen[name] || inflated > inflatedMax || strings.Contains(name, "..") || strings.ContainsAny(name, "\\\x00") || strings.HasPrefix(name, "/") {
			return mismatch(what)
		}
		seen[name] = true
		if program(name) {
			return withMacros()
		}
	}
	types, err := part(z, "[Content_Types].xml")
	if err != nil || !bytes.Contains(types, []byte(main)) {
		return mismatch(what)
	}
	if bytes.Contains(bytes.ToLower(types), []byte("macroenabled")) {
		return withMacros()
	}
	return checkTemplate(z, what)
}

// program tells whether a part may carry something that runs.
func program(name string) bool {
	for _, word := range []string{"vbaproject", "vbadata", "macrosheets/", "activex/", "dialogsheets/"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	if _, inner, embedded := strings.Cut(name, "embeddings/"); embedded && inner != "" {
		return !strings.HasSuffix(inner, ".xlsx") && !strings.HasSuffix(inner, ".docx") // the table behind a chart
	}
	return false
}

// checkTemplate refuses a document that fetches its template, and the
// template's macros, from the network.
func checkTemplate(z *zip.Reader, what string) error {
	rels, err := part(z, "word/_rels/settings.xml.rels")
	if err != nil {
		return mismatch(what)
	}
	rels = bytes.ToLower(rels)
	if bytes.Contains(rels, []byte("/attachedtemplate")) && bytes.Contains(rels, []byte(`target="http`)) {
		return withMacros()
	}
	return nil
}

// part reads a small part; one that isn't there is empty.
func part(z *zip.Reader, name string) ([]byte, error) {
	for _, e := range z.File {
		if e.Name != name {
			continue
		}
		r, err := e.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(io.LimitReader(r, partMax))
	}
	return nil, nil
}

func withMacros() error {
	return fault.New(fault.Invalid, "blob.active", "文件中含有宏、控件或外部模板，请另存为不含宏的文件后上传。")
}
