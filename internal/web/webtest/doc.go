// Package webtest looks at pages as a browser does. It stands behind the build
// tag browser and needs Chromium and node_modules (`make test` has both).
//
//	b := webtest.Open(t, handler)
//	b.Width(360)
//	b.Go("/design")
//	b.Check()                    // axe, console, other origins, sideways scroll
//	b.Shot("design-360.png")     // into $JULI_SHOTS, if it is set
//	b.Do(chromedp.Click(chromedp.CSS("button[type=submit]")))
//
// Check fails the test for every axe violation (WCAG 2.2 A and AA, ACC-1), every
// message of the console and thereby every breach of our content policy, every
// request to another origin (PI-7), and a page wider than its window (ACC-3).
package webtest
