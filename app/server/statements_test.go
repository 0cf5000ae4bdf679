package server_test

import (
	"testing"

	"konote/app/apptest"
)

// Pages read what they show in one batch: how many statements one may hold, the two that
// begin a transaction as the agency included, and how often a whole request may wait for
// the database: who is asking, what is shown, the record of it.
func TestPagesAreFewStatementsInFewTrips(t *testing.T) {
	t.Parallel()
	p, counter := apptest.NewCounted(t)
	worker, manager := p.SignIn(t, p.Cedar.Worker), p.SignIn(t, p.Cedar.Manager)
	own := "/participants/" + p.Cedar.Own.ID.String()
	for _, page := range []struct {
		path    string
		longest int64
		trips   int64
	}{
		{"/", 14, 3},
		{own, 14, 5}, // two more for the people of her circles, whom she is seen with
		{own + "/timeline", 14, 3},
		{own + "/plan", 14, 3},
		{own + "/plan/progress", 14, 3},
		{own + "/events", 14, 3},
		{own + "/contacts", 14, 3},
		{own + "/about", 14, 3},
		{own + "/notes/new", 14, 3},
		{"/team", 14, 5}, // the team, what those on the page did, about whom
		{own + "/assessments/new", 14, 3},
	} {
		b := worker
		if page.path == "/team" {
			b = manager
		}
		for range 40 { // until every connection knows the statements
			b.Open(page.path)
		}
		counter.Reset()
		b.Open(page.path)
		if got := counter.Longest.Load(); got > page.longest {
			t.Errorf("%s: %d statements in one batch, want at most %d", page.path, got, page.longest)
		}
		if got := counter.Trips.Load(); got > page.trips {
			t.Errorf("%s: waits %d times for the database, want at most %d", page.path, got, page.trips)
		}
	}
}
