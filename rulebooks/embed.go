// Package rulebooks holds the rulebooks that are shipped with the program, one
// folder for each kind. Every file is complete in itself; docs/rulebooks.md
// explains how one is written.
package rulebooks

import "embed"

// Files are the shipped rulebooks as <kind>/<name>.yaml.
//
//go:embed */*.yaml
var Files embed.FS
