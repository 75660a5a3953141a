package main

import (
	"encoding/base64"
	"runtime/debug"
	"strings"
	"testing"
)

func TestOnlyOurOwnFilesAreCommitted(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"internal/web/assets/juli.css", "body { color: black }", true},
		{"internal/web/assets/juli.js", "/* toggles the large edition */", true},
		{"internal/web/assets/dist/README.txt", "built", true},
		{"internal/web/assets/dist/app.js", "x", false},
		{"internal/web/assets/htmx.js", "/*! htmx */", false},
		{"web/htmx.min.js", "x", false},
		{"node_modules/a/index.js", "x", false},
		{"vendor/a/a.go", "x", false},
		{"internal/web/assets/font.woff2", "x", false},
		{"package-lock.json", `{"resolved": "https://registry.example/a.tgz"}`, false},
		{"package-lock.json", `{"integrity": "sha512-x"}`, true},
		{"internal/code/divisions.csv", strings.Repeat("x", fileMax+1), false},
	} {
		if err := checkFile(tt.name, []byte(tt.text)); (err == nil) != tt.ok {
			t.Errorf("checkFile(%q) = %v, want ok = %v", tt.name, err, tt.ok)
		}
	}
}

func TestClassify(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"MIT License\n\nPermission is hereby granted, free of charge, to any person …\nThe above copyright\nnotice and this permission notice", "MIT"},
		{"Redistribution and use in source and binary forms … Neither the name of Google", "BSD-3-Clause"},
		{"Redistribution and use in source and binary forms, with or without", "BSD-2-Clause"},
		{"                  Apache License\n            Version 2.0, January 2004", "Apache-2.0"},
		{"Mozilla Public License Version 2.0", "MPL-2.0"},
		{"Mozilla Public License Version 2.0 … the GNU Affero General Public License, Version 3.0, or", "MPL-2.0"},
		{"GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0"},
		{"All rights reserved.", ""},
	} {
		if got := classify(tt.text); got != tt.want {
			t.Errorf("classify(%.30q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestBillRefusesWhatCannotBeChecked(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{{Path: "a.example/b", Version: "v1.0.0", Sum: "h1:" + base64.StdEncoding.EncodeToString(make([]byte, 32))}}}
	b, err := billOf(info)
	if err != nil || len(b.Components) != 2 || b.Components[1].PURL != "pkg:golang/a.example/b@v1.0.0" {
		t.Errorf("bill = %+v, %v", b, err)
	}
	info.Deps[0].Sum = ""
	if _, err := billOf(info); err == nil {
		t.Error("a module without a checksum was listed")
	}
	info.Deps[0].Replace = &debug.Module{Path: "../b"}
	if _, err := billOf(info); err == nil {
		t.Error("a replaced module was listed")
	}
}

// SUP-3: each kind of hook is found where it is planted, and nothing else is one.
func TestHooksAreFound(t *testing.T) {
	clean := []string{"net/http", "juli/internal/app", "juli/internal/db"}
	if err := hooksIn(clean, []byte("juli serve")); err != nil {
		t.Errorf("a clean program: %v", err)
	}
	for _, path := range append([]string{"juli/internal/web/webtest"}, hooked...) {
		if err := hooksIn(append([]string{path}, clean...), nil); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is linked: %v", path, err)
		}
	}
	for _, word := range hookWords {
		if err := hooksIn(clean, []byte("a"+word+"b")); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s in the binary: %v", word, err)
		}
	}
}
