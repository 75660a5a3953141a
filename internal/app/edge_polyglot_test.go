//go:build !postgres

package app_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
)

// actives are what a browser, an office program or a server would run.
var actives = map[string]string{
	"html": "<!doctype html><script>xss7()</script>", "svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="xss7()"><script>xss7()</script></svg>`,
	"js": "/*xss7*/=xss7();//", "php": "<?php system('xss7');?>", "xml": `<?xml version="1.0"?><?xml-stylesheet href="xss7.xsl"?><x/>`,
	"mhtml": "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>xss7()</script>", "hta": "<hta:application id=xss7><script>xss7()</script>",
	"exe": "MZ\x90\x00xss7", "sh": "#!/bin/sh\nxss7\n", "rtf": `{\rtf1{\object xss7}}`, "swf": "FWS\x06xss7", "wasm": "\x00asm\x01\x00\x00\x00xss7",
}

// carriers are files of the kinds that may come in, and of some that may not.
func carriers() map[string]string {
	p := image.NewRGBA(image.Rect(0, 0, 12, 12))
	for i := range 144 {
		p.Set(i%12, i/12, color.RGBA{uint8(i), 90, 20, 255})
	}
	var asPNG, asJPEG, asGzip bytes.Buffer
	if png.Encode(&asPNG, p) != nil || jpeg.Encode(&asJPEG, p, nil) != nil {
		panic("a picture can't be drawn")
	}
	z := gzip.NewWriter(&asGzip)
	if _, err := z.Write([]byte("xss7")); err != nil || z.Close() != nil {
		panic("gzip")
	}
	return map[string]string{
		"png": asPNG.String(), "jpg": asJPEG.String(), "pdf": string(pdf), "csv": "小区,户数\r\n上海新村,12\r\n", "xlsx": packed("xl/workbook.xml", ""), "docx": packed("word/document.xml", ""),
		"gif": "GIF89a\x01\x00\x01\x00\x00\x00\x00;", "zip": packed("a.txt", "a"), "gz": asGzip.String(), "webp": "RIFF\x1a\x00\x00\x00WEBPVP8L\r\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00", "bmp": "BM\x1e\x00\x00\x00",
	}
}

const (
	sheetType = `<Types><Override ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`
	wordType  = `<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
)

// packed is an office file, or a bare archive, with one more part.
func packed(name, content string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			panic(err)
		}
	}
	switch {
	case strings.HasPrefix(name, "xl/"):
		put("[Content_Types].xml", sheetType)
	case strings.HasPrefix(name, "word/"):
		put("[Content_Types].xml", wordType)
	}
	put(name, content)
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// within hides something in a carrier where its readers look away.
func within(kind, carrier, active string) string {
	switch kind {
	case "png": // a text chunk with a wrong sum before the end
		return carrier[:33] + "\x00\x00\x00\x08tEXt" + active + carrier[33:]
	case "jpg":
		n := len(active) + 2
		return carrier[:2] + "\xff\xfe" + string([]byte{byte(n >> 8), byte(n)}) + active + carrier[2:]
	case "pdf":
		return carrier[:9] + "% " + strings.ReplaceAll(active, "\n", " ") + "\n" + carrier[9:]
	case "csv":
		return carrier + "\"" + strings.ReplaceAll(active, `"`, `""`) + "\",1\r\n"
	case "xlsx":
		return packed("xl/media/a.html", active)
	case "docx":
		return packed("word/media/a.html", active)
	}
	return carrier[:len(carrier)/2] + active + carrier[len(carrier)/2:]
}

// polyglots are files that are two things at once, or pretend to be another.
func polyglots() (list []file) {
	all := carriers()
	for kind, carrier := range all {
		for what, active := range actives {
			for _, body := range []string{carrier + active, active + carrier, within(kind, carrier, active)} {
				list = append(list, file{"proof", "执照." + kind, []byte(body)})
			}
			list = append(list,
				file{"proof", "执照." + kind + "." + what, []byte(carrier)}, file{"proof", "执照." + what + "." + kind, []byte(active)},
				file{"proof", "执照." + kind, []byte("\xef\xbb\xbf" + active)}, file{"proof", "执照." + kind, []byte(strings.Repeat(" ", 1100) + active)})
		}
		for _, name := range []string{"a.html\x00." + kind, "a." + kind + "\x00.html", "a." + kind + "::$DATA", "a.html;." + kind, "a.html%00." + kind, "\u202egnp.exe", "a." + kind + ".", "a." + kind + " ", "a.html\n." + kind, "." + kind, `a".html".` + kind, "a.html." + strings.ToUpper(kind), "<script>xss7()</script>." + kind, "\u202ekind." + kind} {
			list = append(list, file{"proof", name, []byte(carrier)})
		}
		for other := range all {
			list = append(list, file{"proof", "执照." + other, []byte(carrier)})
		}
	}
	for _, part := range []string{"../../xss7", "xl/../../xss7", `xl\..\..\xss7`, "/etc/xss7", "C:/xss7", "xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/activeX/a.bin", "xl/embeddings/oleObject1.bin", "word/vbaProject.bin", "word/vbaData.xml", "word/activeX/a.bin", "xl/dialogsheets/sheet1.xml", "xl/\x00xss7"} {
		for _, ext := range []string{"xlsx", "docx", "xlsm", "docm", "zip", "jar"} {
			list = append(list, file{"proof", "表." + ext, []byte(packed(part, "xss7"))})
		}
	}
	for _, script := range []string{"/OpenAction << /S /JavaScript /JS (xss7()) >>", "/AA << /O << /S /JavaScript /JS (xss7()) >> >>", "/S /Launch /F (xss7)", "/S /J#61vaScript /JS (xss7())", "/S /#4caunch /F (xss7)"} {
		list = append(list, file{"proof", "执照.pdf", []byte(strings.Replace(string(pdf), "/Type/Catalog", "/Type/Catalog "+script, 1))})
	}
	return list
}
