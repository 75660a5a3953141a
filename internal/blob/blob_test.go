package blob_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"juli/internal/blob"
	"juli/internal/db"
	"juli/internal/db/dbtest"
	"juli/internal/fault"
)

const pdf = "%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"

func open(t *testing.T) (*blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	s, err := blob.At(dir)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s, dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// receive checks a file and drops it again; it returns what it would be kept as.
func receive(t *testing.T, s *blob.Store, name, content string) (blob.File, error) {
	t.Helper()
	u, err := s.Receive(t.Context(), name, strings.NewReader(content))
	if err != nil {
		return blob.File{}, err
	}
	must(t, u.Close())
	return u.File, nil
}

func put(t *testing.T, s *blob.Store, d *db.DB, name, content string) (f blob.File) {
	t.Helper()
	must(t, d.Write(t.Context(), func(tx *db.Tx) (err error) {
		f, err = s.Put(t.Context(), tx, name, strings.NewReader(content))
		return err
	}))
	return f
}

func content(t *testing.T, s *blob.Store, d *db.DB, id db.ID) (text string, f blob.File) {
	t.Helper()
	must(t, d.Read(t.Context(), func(tx *db.Tx) error {
		r, got, err := s.Open(t.Context(), tx, id)
		if err != nil {
			return err
		}
		f = got
		b, err := io.ReadAll(r)
		text = string(b)
		return errors.Join(err, r.Close())
	}))
	return text, f
}

// onDisk lists the files of a store.
func onDisk(t *testing.T, dir string) (paths []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			paths = append(paths, filepath.ToSlash(rel))
		}
		return err
	}))
	return paths
}

func picture(w, h int) image.Image {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, color.RGBA{uint8(255 * x / w), uint8(255 * y / h), 80, 255})
		}
	}
	return p
}

func pngOf(p image.Image) string {
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err)
	}
	return b.String()
}

// jpegOf encodes a picture with an EXIF orientation and a place behind it.
func jpegOf(p image.Image, turn byte) string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		panic(err)
	}
	tiff := "MM\x00\x2a\x00\x00\x00\x08" + "\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(turn) + "\x00\x00" + "\x00\x00\x00\x00" + "GPS 45.80N 126.53E"
	app1 := "Exif\x00\x00" + tiff
	head := "\xFF\xD8\xFF\xE1" + string([]byte{byte((len(app1) + 2) >> 8), byte(len(app1) + 2)}) + app1
	return head + b.String()[2:]
}

func office(parts ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			panic(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			panic(err)
		}
	}
	z.Close()
	return b.String()
}

const (
	types = "[Content_Types].xml"
	sheet = `<Override ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>`
	word  = `<Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>`
)

// a 1×1 lossless WebP picture.
func webp(t *testing.T) string {
	b, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	must(t, err)
	return string(b)
}

// TestUploadsThatMayComeIn is INP-2: content and extension agree.
func TestUploadsThatMayComeIn(t *testing.T) {
	s, _ := open(t)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("小区,户数\n上海新村,1200\n")
	must(t, err)
	small := picture(8, 8)
	for _, tt := range []struct{ name, content, media, kept string }{
		{"合同.PDF", pdf, "application/pdf", "合同.pdf"},
		{"现场.jpeg", jpegOf(small, 1), "image/jpeg", "现场.jpg"},
		{"现场.png", pngOf(small), "image/png", "现场.png"},
		{"现场.webp", webp(t), "image/png", "现场.png"},
		{"表.xlsx", office(types, sheet, "xl/workbook.xml", "<x/>"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "表.xlsx"},
		{"文.docx", office(types, word, "word/embeddings/t.xlsx", ""), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "文.docx"},
		{"表.csv", "\uFEFF小区,户数\r\n上海新村,1200\r\n", "text/csv", "表.csv"},
		{"表.csv", gb, "text/csv", "表.csv"},
		{"表.csv", "\xFF\xFEa\x00,\x00b\x00", "text/csv", "表.csv"},
	} {
		f, err := receive(t, s, tt.name, tt.content)
		if err != nil || f.Type != tt.media || f.Name != tt.kept || f.Size == 0 || len(f.SHA256) != 64 {
			t.Errorf("%s: %+v, %v", tt.name, f, err)
		}
	}
}

// TestUploadsThatAreRefused is INP-2: polyglots, disguises, active content.
func TestUploadsThatAreRefused(t *testing.T) {
	s, dir := open(t)
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	html := "<!doctype html><script>alert(1)</script>"
	xlsx := office(types, sheet)
	for _, tt := range []struct{ name, content, rule string }{
		{"a.svg", svg, "blob.type"},
		{"a.html", html, "blob.type"},
		{"a.exe", "MZ", "blob.type"},
		{"a.xlsm", office(types, sheet), "blob.type"},
		{"a.pdf.exe", pdf, "blob.type"},
		{"a.pdf\x00.exe", pdf, "blob.type"},
		{"a", pdf, "blob.type"},
		{"", pdf, "blob.type"},
		{"a.gif", "GIF89a", "blob.type"},
		{"a.pdf", "", "blob.empty"},
		{"a.pdf", html, "blob.content"},
		{"a.pdf", "\n" + pdf, "blob.content"},
		{"a.pdf", pdf[:40], "blob.content"},
		{"a.pdf", xlsx, "blob.content"},
		{"a.pdf", "%PDF-1.7 << /S /JavaScript /JS (app.alert(1)) >> %%EOF", "blob.active"},
		{"a.pdf", "%PDF-1.7 << /S /J#61vaScript /JS (app.alert(1)) >> %%EOF", "blob.active"},
		{"a.pdf", "%PDF-1.7 << /S /#4C#61#75#6e#63#68 >> %%EOF", "blob.active"},
		{"a.pdf", "%PDF-1.7" + strings.Repeat(" ", 64<<10-12) + "/Launch %%EOF", "blob.active"},
		{"a.jpg", svg, "blob.content"},
		{"a.jpg", pngOf(picture(8, 8)), "blob.content"},
		{"a.png", "\x89PNG\r\n\x1A\n" + html, "blob.content"},
		{"a.png", pngOf(picture(64, 64))[:100], "blob.content"},
		{"a.jpg", jpegOf(picture(64, 64), 1)[:400], "blob.content"},
		{"a.webp", "RIFF\x00\x00\x00\x00WEBP" + html, "blob.content"},
		{"a.png", hugePNG(), "blob.pixels"},
		{"a.csv", html, "blob.content"},
		{"a.csv", "\uFEFF \n" + svg, "blob.content"},
		{"a.csv", "a,b\x00", "blob.content"},
		{"a.csv", "\x7fELF\x01\x02", "blob.content"},
		{"a.csv", "a\xFF\xFF\xFF", "blob.content"},
		{"a.xlsx", html + xlsx, "blob.content"},
		{"a.xlsx", xlsx[:len(xlsx)-10], "blob.content"},
		{"a.xlsx", office(types, word), "blob.content"},
		{"a.xlsx", office("a.txt", ""), "blob.content"},
		{"a.xlsx", office(types, sheet, "a", "", "A", ""), "blob.content"},
		{"a.xlsx", office(types, sheet, "../a", ""), "blob.content"},
		{"a.xlsx", office(manyParts()...), "blob.content"},
		{"a.xlsx", office(types, sheet, "xl/vbaProject.bin", ""), "blob.active"},
		{"a.xlsx", office(types, sheet, "xl/macrosheets/sheet1.xml", ""), "blob.active"},
		{"a.docx", office(types, word, "word/activeX/activeX1.bin", ""), "blob.active"},
		{"a.docx", office(types, word, "word/embeddings/oleObject1.bin", ""), "blob.active"},
		{"a.docx", office(types, word+"application/vnd.ms-word.document.macroEnabled.main+xml"), "blob.active"},
		{"a.docx", office(types, word, "word/_rels/settings.xml.rels",
			`<Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="https://example.org/x.dotm"/>`), "blob.active"},
	} {
		if _, err := receive(t, s, tt.name, tt.content); !fault.Is(err, tt.rule) {
			t.Errorf("%q (%.20q): %v, want %s", tt.name, tt.content, err, tt.rule)
		}
	}
	if left := onDisk(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// hugePNG claims 60,000 × 60,000 pixels in a few bytes.
func hugePNG() string {
	p := []byte(pngOf(picture(8, 8)))
	copy(p[16:], "\x00\x00\xEA\x60\x00\x00\xEA\x60")
	sum := crc32.ChecksumIEEE(p[12:29])
	copy(p[29:], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return string(p)
}

func manyParts() (parts []string) {
	for i := range 1001 {
		parts = append(parts, fmt.Sprint(i), "")
	}
	return append(parts, types, sheet)
}

// INP-1: twenty megabytes pass, one byte more doesn't.
func TestSizeLimit(t *testing.T) {
	s, _ := open(t)
	line := strings.Repeat("a", 1023) + "\n"
	full := strings.Repeat(line, blob.SizeMax/len(line))
	if f, err := receive(t, s, "a.csv", full); err != nil || f.Size != blob.SizeMax {
		t.Errorf("at the limit: %d, %v", f.Size, err)
	}
	if _, err := receive(t, s, "a.csv", full+"a"); !fault.Is(err, "blob.too-large") {
		t.Errorf("above it: %v", err)
	}
}

// TestPicturesAreRepainted is INP-2 and PI-7: pixels stay, EXIF and what hides
// behind the picture goes, and the camera's turn is applied.
func TestPicturesAreRepainted(t *testing.T) {
	s, _ := open(t)
	d := dbtest.SQLite(t)
	original := picture(40, 20)
	for turn := byte(1); turn <= 8; turn++ {
		f := put(t, s, d, "a.jpg", jpegOf(original, turn)+"<script>alert(1)</script>")
		text, _ := content(t, s, d, f.ID)
		if strings.Contains(text, "GPS") || strings.Contains(text, "script") || strings.Contains(text, "Exif") {
			t.Errorf("turn %d: something is left behind the picture", turn)
		}
		p, err := jpeg.Decode(strings.NewReader(text))
		must(t, err)
		want := image.Pt(40, 20)
		if turn >= 5 {
			want = image.Pt(20, 40)
		}
		if got := p.Bounds().Size(); got != want {
			t.Errorf("turn %d: size %v, want %v", turn, got, want)
		}
		// In the original, red grows to the right and green downwards.
		r0, g0, _, _ := p.At(1, 1).RGBA()
		left, top := r0 < 0x4000, g0 < 0x4000
		wantLeft := map[byte]bool{1: true, 4: true, 5: true, 6: true}[turn]
		wantTop := map[byte]bool{1: true, 2: true, 5: true, 8: true}[turn]
		if left != wantLeft || top != wantTop {
			t.Errorf("turn %d: the upper left corner comes from left %v, top %v", turn, left, top)
		}
	}
	f := put(t, s, d, "a.png", pngOf(original)+"trailing")
	if text, _ := content(t, s, d, f.ID); strings.Contains(text, "trailing") {
		t.Error("something is left behind a PNG")
	}
}

// TestNamesCannotEscape is INP-2: whatever a file is called, it lies in the
// store under its hash.
func TestNamesCannotEscape(t *testing.T) {
	s, dir := open(t)
	d := dbtest.SQLite(t)
	var names []string
	for _, up := range []string{"../", `..\`, "..%2f", "/", `\\host\share\`, "C:\\", "....//", "\u202e", "%00", "\x00", "file://", "/dev/"} {
		for _, stem := range []string{"a", "etc/passwd", "tmp/x", "..", ".", "", "CON", strings.Repeat("长", 255)} {
			names = append(names, up+stem+".csv", up+up+stem+".csv", stem+up+".csv")
		}
	}
	clean := regexp.MustCompile(`^[^/\\\x00-\x1f\x{202e}]{1,120}\.csv$`)
	for i, name := range names {
		f := put(t, s, d, name, fmt.Sprint("row ", i))
		if !clean.MatchString(f.Name) {
			t.Errorf("%q is kept as %q", name, f.Name)
		}
	}
	hashed := regexp.MustCompile(`^([0-9a-f]{2})/[0-9a-f]{64}$`)
	paths := onDisk(t, dir)
	if len(paths) != len(names) {
		t.Errorf("%d files for %d uploads", len(paths), len(names))
	}
	for _, p := range paths {
		if !hashed.MatchString(p) {
			t.Errorf("a file at %s", p)
		}
	}
	outside := onDisk(t, filepath.Dir(dir))
	if len(outside) != len(paths) {
		t.Errorf("files outside the store: %d", len(outside)-len(paths))
	}
}

// A link that somebody put into the folder leads nowhere.
func TestLinksAreNotFollowed(t *testing.T) {
	s, dir := open(t)
	d := dbtest.SQLite(t)
	f := put(t, s, d, "a.csv", "x")
	path := filepath.Join(dir, f.SHA256[:2], f.SHA256)
	must(t, os.Remove(path))
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("secret"), 0o600))
	must(t, os.Symlink(secret, path))
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, _, err := s.Open(t.Context(), tx, f.ID)
		return err
	})
	if !fault.Is(err, "blob.lost") {
		t.Errorf("through a link: %v", err)
	}
}

func TestKeepAndOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, dir := open(t)
		d = dbtest.Clock(d, "2026-07-01")
		a, b := put(t, s, d, "合同.pdf", pdf), put(t, s, d, "副本.pdf", pdf)
		if a.SHA256 != b.SHA256 || a.ID == b.ID || len(onDisk(t, dir)) != 1 {
			t.Errorf("equal contents: %+v, %+v, %v", a, b, onDisk(t, dir))
		}
		text, f := content(t, s, d, b.ID)
		if text != pdf || f != b || f.Created != d.Now() {
			t.Errorf("%q, %+v, want %+v", text, f, b)
		}
		must(t, d.Read(t.Context(), func(tx *db.Tx) error {
			files, err := blob.Files(t.Context(), tx, a.ID, b.ID, 42)
			if len(files) != 2 || files[a.ID] != a {
				t.Errorf("Files = %v", files)
			}
			if _, _, err := s.Open(t.Context(), tx, 42); !fault.Is(err, "blob.not-found") {
				t.Errorf("an unknown file: %v", err)
			}
			return errors.Join(err, s.Verify(t.Context(), tx, a.ID))
		}))
		must(t, os.WriteFile(filepath.Join(dir, a.SHA256[:2], a.SHA256), []byte("%PDF-forged"), 0o600))
		must(t, d.Read(t.Context(), func(tx *db.Tx) error {
			if err := s.Verify(t.Context(), tx, a.ID); !fault.Is(err, "blob.changed") {
				t.Errorf("a changed file: %v", err)
			}
			return nil
		}))
	})
}

// TestFailedActsLeaveOnlyOrphans is CRS-8: whatever step fails, no row lacks its
// file, and what is left over is collected, but nothing young and nothing needed.
func TestFailedActsLeaveOnlyOrphans(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, dir := open(t)
		kept := put(t, s, d, "a.csv", "kept")
		gone := put(t, s, d, "a.csv", "gone")
		must(t, d.Write(t.Context(), func(tx *db.Tx) error { return blob.Delete(t.Context(), tx, gone.ID) }))
		failed := errors.New("the act failed")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := s.Put(t.Context(), tx, "a.csv", strings.NewReader("rolled back"))
			return errors.Join(err, failed)
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if _, err := s.Receive(t.Context(), "a.csv", strings.NewReader("never kept")); err != nil { // the process died here
			t.Fatal(err)
		}
		must(t, os.WriteFile(filepath.Join(dir, kept.SHA256[:2], "notes.txt"), nil, 0o600))

		if n, err := s.Collect(t.Context(), d, time.Hour); n != 0 || err != nil {
			t.Errorf("young files: %d removed, %v", n, err)
		}
		later := d.WithRealClock(func() time.Time { return time.Now().Add(2 * time.Hour) })
		if n, err := s.Collect(t.Context(), later, time.Hour); n != 3 || err != nil {
			t.Errorf("%d removed, %v, want 3", n, err)
		}
		if left := onDisk(t, dir); len(left) != 2 {
			t.Errorf("left: %v", left)
		}
		if text, _ := content(t, s, d, kept.ID); text != "kept" {
			t.Errorf("kept %q", text)
		}
		again := put(t, s, d, "a.csv", "rolled back")
		if text, _ := content(t, s, d, again.ID); text != "rolled back" {
			t.Errorf("kept %q", text)
		}
	})
}

func TestScannerRefuses(t *testing.T) {
	s, dir := open(t)
	s.Scan = func(_ context.Context, r io.Reader) error {
		b, err := io.ReadAll(r)
		if strings.Contains(string(b), "EICAR") {
			return errors.New("found")
		}
		return err
	}
	if _, err := receive(t, s, "a.csv", "EICAR"); !fault.Is(err, "blob.scan") {
		t.Errorf("err = %v", err)
	}
	if _, err := receive(t, s, "a.csv", "fine"); err != nil || len(onDisk(t, dir)) != 0 {
		t.Errorf("%v, %v", err, onDisk(t, dir))
	}
}

// FuzzReceive checks that no content makes the checks panic, and that what
// passes has one of the allowed types.
func TestAParkedPictureIsKnownByItsContentWhateverItsName(t *testing.T) {
	s, _ := open(t)
	picture := image.NewRGBA(image.Rect(0, 0, 8, 8))
	var asPNG, asJPEG bytes.Buffer
	must(t, png.Encode(&asPNG, picture))
	must(t, jpeg.Encode(&asJPEG, picture, nil))
	for _, c := range []struct{ name, content, kept, media string }{
		{"门.jpg", asPNG.String(), "门.png", "image/png"},
		{"门.PNG", asJPEG.String(), "门.jpg", "image/jpeg"},
		{"门.heic", asJPEG.String(), "门.jpg", "image/jpeg"},
		{"image", asPNG.String(), "image.png", "image/png"},
		{".jpg", asPNG.String(), "附件.png", "image/png"},
	} {
		u, err := s.Park(t.Context(), c.name, strings.NewReader(c.content))
		must(t, err)
		if u.Name != c.kept || u.Type != c.media {
			t.Errorf("%s is kept as %s, %s", c.name, u.Name, u.Type)
		}
		must(t, u.Close())
		if _, err := receive(t, s, "门.jpg", asPNG.String()); !fault.Is(err, "blob.content") {
			t.Errorf("other uploads: %v", err)
		}
	}
	for _, content := range []string{pdf, "MZ this is no picture at all", ""} {
		if _, err := s.Park(t.Context(), "门.jpg", strings.NewReader(content)); !fault.Is(err, "blob.content") {
			t.Errorf("%.5q: %v", content, err)
		}
	}
}

func FuzzReceive(f *testing.F) {
	s, err := blob.At(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	for ext, seed := range map[string]string{"pdf": pdf, "jpg": jpegOf(picture(8, 8), 6), "png": pngOf(picture(8, 8)), "xlsx": office(types, sheet), "docx": office(types, word), "csv": "a,b"} {
		f.Add("a."+ext, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		u, err := s.Receive(t.Context(), name, bytes.NewReader(b))
		if err != nil {
			if fault.From(err).Kind == fault.Internal {
				t.Errorf("%q: %v", name, err)
			}
			return
		}
		if u.Size == 0 || strings.ContainsAny(u.Name, "/\\\x00") {
			t.Errorf("%+v", u.File)
		}
		must(t, u.Close())
	})
}
