package app_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	diskSize   = 256 << 20
	fullRounds = 2
)

// CRS-4: on a disk that fills up, the city goes on being read; forms are refused
// with a page that says why while signing in and administration live off the
// reserve; with nothing left at all even they are refused, plainly and without
// harm; and room on the disk heals everything. The disk is a tmpfs in a
// namespace of the child process.
func TestAFullDiskLeavesReadingAndAdministration(t *testing.T) {
	dir := os.Getenv("JULI_FULL_DIR")
	if dir == "" {
		if os.Getenv("JULI_TEST_ENGINE") == "postgres" {
			return // PostgreSQL's disk is its own
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDiskLeavesReadingAndAdministration$", "-test.count=1", "-test.v")
		cmd.Env = append(os.Environ(), "JULI_TEST_ENGINE=sqlite", "JULI_FULL_DIR="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if err := syscall.Mount("juli", dir, "tmpfs", 0, "size=268435456"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir) // the city is built on it
	tn := newTown(t)
	c := tn.enter(t, "city1", tn.site)
	base, _, _ := tn.served(t)
	for cycle := range fullRounds {
		leave(t, dir, 32<<20)
		tn.halfFull(t, c, base, cycle)
		leave(t, dir, 0)
		tn.allFull(t, c)
		leave(t, dir, diskSize)
		if a := tn.apply(t, cycle); a.status != http.StatusSeeOther {
			t.Fatalf("cycle %d: with room again: %d %s", cycle, a.status, complaint(a.body))
		}
		if res, text := fetch(t, base+"/readyz"); res.StatusCode != http.StatusOK {
			t.Errorf("cycle %d: with room again %q", cycle, text)
		}
	}
	if n := tn.count(t, `SELECT COUNT(*) FROM identity_request WHERE uscc LIKE '91230199MA%'`); n != fullRounds {
		t.Errorf("%d requests, want the %d acknowledged", n, fullRounds)
	}
}

// leave makes so much room on the disk and waits until the program has measured it.
func leave(t *testing.T, dir string, room int64) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if fill := int64(disk.Bavail)*disk.Bsize - room; fill > 0 {
		if err := syscall.Fallocate(int(f.Fd()), 0, 0, fill); err != nil {
			t.Fatal(err)
		}
	}
	<-time.After(1100 * time.Millisecond)
}

// apply sends an enterprise's form with a file.
func (tn town) apply(t *testing.T, n int) answer {
	t.Helper()
	return tn.applyAs(t, newClient(tn.site, "juli-form", "AVISITORSCOOKIE0123456789AB"), spareUSCC(7000+n), "满盘物业")
}

func (tn town) applyAs(t *testing.T, c *client, uscc, name string) answer {
	t.Helper()
	s := c.form(t, "/enterprise-account", "/enterprise-account", "uscc", uscc, "name", name, "division", "230103",
		"legal", "李𠮷", "contact", "王㛃", "number", idNumber(7), "phone", "13900001234")
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, v := range s.values {
		_ = m.WriteField(name, v[0])
	}
	part, err := m.CreateFormFile("proof", "授权书.pdf")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("%PDF-1.7\n" + strings.Repeat("% "+s.values.Get("uscc")+"\n", 20_000) + "1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"))
	m.Close()
	return c.do(t.Context(), "POST", s.action, m.FormDataContentType(), b.Bytes())
}

// halfFull: the reserve alone is left.
func (tn town) halfFull(t *testing.T, c *client, base string, cycle int) {
	t.Helper()
	if a := tn.apply(t, cycle); a.status != http.StatusInsufficientStorage || !strings.Contains(a.body, "磁盘快满了") {
		t.Errorf("cycle %d: a form: %d %s", cycle, a.status, complaint(a.body))
	}
	if a := c.send(t, c.form(t, "/bureau/rulebooks", "/bureau/rulebooks")); a.status != http.StatusInsufficientStorage {
		t.Errorf("cycle %d: an official's form: %d", cycle, a.status)
	}
	if res, text := fetch(t, base+"/readyz"); res.StatusCode != http.StatusServiceUnavailable || text != "not ready: disk\n" {
		t.Errorf("cycle %d: readyz %d %q", cycle, res.StatusCode, text)
	}
	for _, path := range []string{"/", "/enterprises", "/login"} {
		if res, _ := fetch(t, base+path); res.StatusCode != http.StatusOK {
			t.Errorf("cycle %d: %s: %d", cycle, path, res.StatusCode)
		}
	}
	if a := newClient(tn.site).get(t.Context(), "/enterprises"); a.status != http.StatusOK {
		t.Errorf("cycle %d: reading: %d", cycle, a.status)
	}
	who := []string{"sysadmin", "auditadmin", "secadmin1", "nangang1", "firm1"}[cycle] // a code serves once
	in := tn.enter(t, who, tn.site)
	if a := in.get(t.Context(), "/account"); a.status != http.StatusOK {
		t.Errorf("cycle %d: %s's account: %d", cycle, who, a.status)
	}
	if a := in.send(t, in.form(t, "/account", "/logout")); a.status != http.StatusSeeOther {
		t.Errorf("cycle %d: signing out: %d", cycle, a.status)
	}
}

// allFull: nothing is left.
func (tn town) allFull(t *testing.T, c *client) {
	t.Helper()
	for _, path := range []string{"/", "/enterprises", "/projects", "/league"} {
		if a := newClient(tn.site).get(t.Context(), path); a.status != http.StatusOK {
			t.Errorf("%s on a full disk: %d", path, a.status)
		}
	}
	if a := c.get(t.Context(), "/bureau/"); a.status != http.StatusOK && a.status != http.StatusInsufficientStorage {
		t.Errorf("a desk on a full disk: %d", a.status)
	}
	if a := tn.apply(t, 99); a.status != http.StatusInsufficientStorage {
		t.Errorf("a form on a full disk: %d %s", a.status, complaint(a.body))
	}
}
