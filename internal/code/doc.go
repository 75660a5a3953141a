// Package code reads the official codes by which enterprises, people and places
// are known, and hides what isn't everyone's to see.
//
//	USCC      统一社会信用代码, GB 32100-2015        91350100M000100Y43
//	IDNumber  公民身份号码, GB 11643                 11010519491231002X
//	Division  统计用区划代码, digits only, trimmed    23 ▸ 2301 ▸ 230103 ▸ 230103001 ▸ 230103001003
//	          under it, by our own rule:
//	          project = community + 4 · building + 3 · entrance + 2 · room + floor 3 + 2
//
// Codes typed by people are read after NFKC, so full-width digits pass; a wrong
// check digit doesn't.
package code
