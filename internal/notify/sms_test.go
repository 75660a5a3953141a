package notify

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAShortMessageReachesTheGatewayWithItsKey(t *testing.T) {
	var key string
	var got map[string]string
	status := http.StatusOK
	srv, out := trap(t, func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("Authorization")
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
	})
	s := SMS{Out: out, URL: srv.URL + "/send", Key: "geheim", Sign: "哈尔滨住建"}
	if err := s.Text(t.Context(), "13800000001", "验证码 123456"); err != nil {
		t.Fatal(err)
	}
	if key != "Bearer geheim" || got["phone"] != "13800000001" || got["text"] != "验证码 123456" || got["sign"] != "哈尔滨住建" {
		t.Errorf("key %q, message %v", key, got)
	}
	status = http.StatusBadGateway
	if err := s.Text(t.Context(), "13800000001", "x"); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("a failure was taken for sent: %v", err)
	}
}

func TestAShortMessageInDevelopmentIsAFile(t *testing.T) {
	dir := t.TempDir()
	if err := (TextFile{Dir: dir}).Text(t.Context(), "13800000001", "验证码 123456"); err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(names) != 1 {
		t.Fatalf("%d files", len(names))
	}
	if text, err := os.ReadFile(names[0]); err != nil || !strings.Contains(string(text), "验证码 123456") {
		t.Errorf("file: %s, %v", text, err)
	}
}
