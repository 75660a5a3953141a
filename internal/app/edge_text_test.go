package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"juli/internal/app"
)

// INP-10: rare characters, minority names and composed forms go through a form
// into the table, onto pages, into the search and into both kinds of file as
// they were typed; what is no UTF-8 is refused.
func TestRareCharactersGoThroughUnchanged(t *testing.T) {
	tn := newTown(t)
	k := newClerk(t, tn, "nangang1")
	for i, name := range []string{"㛃源物业", "𠮷祥物业", "阿依·古丽物业", "䶮𫍽物业", "Café物业", "Cafe\u0301物业", "ﾊﾙﾋﾟﾝ物业", "龍凤物业", "🏠物业", "〇一物业"} {
		uscc := spareUSCC(8100 + i)
		c := newClient(tn.site, "juli-form", "AVISITORSCOOKIE0123456789AB")
		c.addr = "203.0.113." + string(rune('1'+i%9))
		a := tn.applyAs(t, c, uscc, name)
		if a.status != http.StatusSeeOther {
			t.Errorf("%q: %d %s", name, a.status, complaint(a.body))
			continue
		}
		stored := norm.NFC.String(name)
		if n := tn.count(t, `SELECT COUNT(*) FROM identity_request WHERE uscc = $1 AND name = $2`, uscc, stored); n != 1 {
			t.Errorf("%q is not stored as it was typed", name)
		}
		if page := k.as("nangang1").get(t.Context(), "/admin/requests"); !strings.Contains(page.body, stored) {
			t.Errorf("%q is not on the page (%d)", name, page.status)
		}
		first := firstName(t, tn)
		tn.exec(t, `UPDATE enterprise SET name = $1 WHERE name = $2`, stored, first)
		file := k.as("nangang1").get(t.Context(), "/bureau/enterprises?format=csv")
		if !strings.Contains(file.body, stored) {
			t.Errorf("%q is not in the file (%d)", name, file.status)
		}
	}
	for _, bad := range []string{"\xc3\x28", "\xff", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x00b"} {
		c := newClient(tn.site, "juli-form", "AVISITORSCOOKIE0123456789AB")
		s := c.form(t, "/enterprise-account", "/enterprise-account")
		body := "_csrf=" + url.QueryEscape(s.values.Get("_csrf")) + "&_once=" + s.values.Get("_once") + "&name=" + url.QueryEscape(bad)
		if a := c.do(t.Context(), "POST", s.action, "application/x-www-form-urlencoded", []byte(body)); a.status != http.StatusBadRequest {
			t.Errorf("%q: %d", bad, a.status)
		}
		if a := c.get(t.Context(), "/enterprises?q="+url.QueryEscape(bad)); a.status != http.StatusBadRequest {
			t.Errorf("a search for %q: %d", bad, a.status)
		}
	}
}

// certificate makes a certificate for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "juli"}, DNSNames: []string{"juli.test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, made, made, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, text := range map[string][]byte{cert: public, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return cert, key, pool
}

// CRY-5: with a certificate of its own the program speaks TLS 1.2 and 1.3 and
// nothing older, and asks for HSTS of a year, sub-domains included.
func TestOldTLSIsRefused(t *testing.T) {
	tn := newTown(t)
	cert, key, pool := certificate(t)
	var err error
	if tn.TLS, err = app.Certificate(cert, key); err != nil {
		t.Fatal(err)
	}
	tn.Secure = true
	tn.site = tn.Handler()
	base, _, _ := tn.served(t)
	base = strings.Replace(base, "http:", "https:", 1)
	for version, speaks := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "juli.test", MinVersion: version, MaxVersion: version}}}
		res, err := c.Get(base + "/")
		if (err == nil) != speaks {
			t.Errorf("TLS %x: %v", version, err)
		}
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if got := res.Header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
			t.Errorf("HSTS %q", got)
		}
	}
	for _, half := range [][2]string{{cert, ""}, {"", key}, {key, cert}, {"/nowhere", key}} {
		if _, err := app.Certificate(half[0], half[1]); err == nil {
			t.Errorf("%v is taken for a certificate", half)
		}
	}
}
