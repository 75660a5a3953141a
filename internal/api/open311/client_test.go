package open311_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
)

// A client is written from the specification alone: it knows none of the types of
// the server. It reads either format into the same lists of fields.
type client struct {
	w      *world
	format string
}

// A row is one object: its fields by their names in the specification.
type row map[string]string

// get asks for a resource and gives its objects.
func (c client) get(path, query string) []row {
	c.w.t.Helper()
	a := c.w.get("v2/" + path + "." + c.format + "?" + query)
	if a.status != 200 {
		c.w.t.Fatalf("%s?%s = %d\n%s", path, query, a.status, a.body)
	}
	return c.read(a)
}

func (c client) post(path string, v url.Values, head ...string) []row {
	c.w.t.Helper()
	a := c.w.post(path+"."+c.format, v, head...)
	if a.status != 200 && a.status != 201 {
		c.w.t.Fatalf("POST %s = %d\n%s", path, a.status, a.body)
	}
	return c.read(a)
}

// read holds the type against the format and reads the objects.
func (c client) read(a answer) []row {
	c.w.t.Helper()
	kind := a.head.Get("Content-Type")
	if c.format == "json" {
		if kind != "application/json; charset=utf-8" {
			c.w.t.Errorf("JSON comes as %q", kind)
		}
		return c.readJSON(a.body)
	}
	if kind != "text/xml; charset=utf-8" {
		c.w.t.Errorf("XML comes as %q", kind)
	}
	return c.readXML(a.body)
}

func (c client) readJSON(body []byte) (rows []row) {
	c.w.t.Helper()
	var list []map[string]any
	if err := json.Unmarshal(body, &list); err != nil {
		c.w.t.Fatalf("%v\n%s", err, body)
	}
	for _, one := range list {
		x := row{}
		for name, v := range one {
			if v != nil {
				x[name] = fmt.Sprint(v)
			}
		}
		rows = append(rows, x)
	}
	return rows
}

// readXML reads root, objects, fields.
func (c client) readXML(body []byte) (rows []row) {
	c.w.t.Helper()
	if !strings.HasPrefix(string(body), `<?xml version="1.0" encoding="UTF-8"?>`) {
		c.w.t.Errorf("no XML declaration: %.80s", body)
	}
	type element struct {
		XMLName  xml.Name
		Text     string `xml:",chardata"`
		Children []struct {
			XMLName xml.Name
			Fields  []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:",any"`
	}
	var root element
	if err := xml.Unmarshal(body, &root); err != nil {
		c.w.t.Fatalf("%v\n%s", err, body)
	}
	for _, one := range root.Children {
		x := row{}
		for _, f := range one.Fields {
			x[f.XMLName.Local] = f.Text
		}
		rows = append(rows, x)
	}
	return rows
}
