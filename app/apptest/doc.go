// Package apptest gives tests the whole product: a real server over a real Postgres and
// Redis, with two agencies of invented people, and browsers to visit it with.
//
//	p := apptest.New(t)
//	b := p.SignIn(t, p.Cedar.Worker)
//	page := b.Open("/participants/" + p.Cedar.Own.ID.String())
//	page.Want("h1", p.Cedar.Own.FullName())
//	page.Form("form.form").Set("text", "…").Send()
//
// A [Browser] has cookies, sends the tokens that stand in the forms it was given, and
// goes through the same listener as any other. Every page that it gets is checked:
// for accessibility ([Page.Flaws]), for the headers that each answer must have, and
// that its title and its address name nobody.
//
// # The two agencies
//
// Cedar and Birch are alike, so that an id of one can be tried at the other. Each has
// three programs: Housing, Youth and Shelter, which is confidential. Each has one
// account for each combination of roles (see [Agency]), and one participant for each
// way of standing. Every word about a participant is a made-up word that occurs
// nowhere else and differs from one platform to the next, so that whoever finds one
// has found a leak (see [Agency.Words]).
//
// # What else is here
//
//	house/        the tests of the architecture
//	screenshots/  the command behind `make screenshots`
//	chrome.go     a real Chromium: journeys, axe-core, pictures
//
// The tests of this package are those of the whole: what leaks (leak_test.go), what a
// crash leaves behind (crash_test.go), how people use it (journey_test.go), that every page
// is accessible (axe_test.go; a new route's page goes into axe_views_test.go). The test of
// every route with every role stands beside the route table, in app/server.
package apptest
