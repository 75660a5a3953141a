package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeysOfTheOpenInterfaceByCommand: made for one district and shown once, listed
// without the key, ended once; what is wrong is told.
func TestKeysOfTheOpenInterfaceByCommand(t *testing.T) {
	t.Setenv("JULI_DB", "sqlite://"+filepath.Join(t.TempDir(), "city.db"))
	do := func(code int, args ...string) string {
		t.Helper()
		var out, told bytes.Buffer
		if got := run(t.Context(), args, &out, &told); got != code {
			t.Fatalf("%q: %d %s", args, got, told.String())
		}
		return out.String() + told.String()
	}
	do(0, "migrate")
	var made struct {
		ID  string `json:"id"`
		Key string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(do(0, "open311", "key", "城市随手拍", "--division", "230103", "--contact", "open311@example.cn", "--json")), &made); err != nil || made.ID == "" || !strings.HasPrefix(made.Key, "open311-") {
		t.Fatalf("made: %+v, %v", made, err)
	}
	if list := do(0, "open311", "key-list"); !strings.Contains(list, made.ID+"  城市随手拍  230103") || !strings.Contains(list, "在用") || strings.Contains(list, made.Key) {
		t.Errorf("the list: %s", list)
	}
	if told := do(1, "open311", "key", "别处", "--division", "110101"); !strings.Contains(told, "resident.key-form") {
		t.Errorf("another city's district: %s", told)
	}
	do(0, "open311", "key-end", made.ID)
	do(1, "open311", "key-end", made.ID)
	if list := do(0, "open311", "key-list"); !strings.Contains(list, "停用") {
		t.Errorf("the list after the end: %s", list)
	}
}
