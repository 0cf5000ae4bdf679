package find_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/apptest"
)

// suggest asks as the search field does while somebody types.
func suggest(b *apptest.Browser, q string) *apptest.Page {
	return b.Post("/find/suggest", url.Values{"q": {q}})
}

func TestThePageTeachesFindsAndSaysWhenThereIsNobody(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	b.Open("/find").Want(".empty-title", "Who are you looking for?")

	own := p.Cedar.Own
	page := b.Find(strings.ToUpper(own.LastName))
	page.Want("[role=status]", "1 person found")
	page.Want("a.row", own.PreferredName)
	if got, want := page.Values("a.row", "href"), []string{"/participants/" + own.ID.String()}; !slices.Equal(got, want) {
		t.Errorf("rows lead to %q, want %q", got, want)
	}
	if got := page.Values("input[name=q]", "value"); len(got) != 2 {
		t.Errorf("the fields hold %q, want what was asked in both", got)
	}
	b.Find("qqqqqqqqqq").Want(".empty-title", "Nobody found")

	letters := []rune(own.LastName)
	letters[1], letters[2] = letters[2], letters[1]
	b.Find(string(letters)).Want("h2", "Similar names")

	b.Post("/account/language", url.Values{"language": {"fr"}})
	french := b.Find(own.LastName)
	french.Want("h1", "Trouver")
	french.Want("[role=status]", "1 personne trouvée")
}

func TestSuggestionsAreAFragment(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	b := p.SignIn(t, p.Cedar.Worker)
	b.Open("/find")
	page := suggest(b, p.Cedar.Own.RecordID)
	if page.IsDocument() {
		t.Error("suggestions are a whole page")
	}
	page.Want("a.row", p.Cedar.Own.PreferredName)
	page.Want("a.row", p.Cedar.Own.RecordID)
	suggest(b, "qqqqqqqqqq").WantNone("a")
	if answer := suggest(b, " "); answer.Status != http.StatusNoContent {
		t.Errorf("nothing asked: got %d, want %d", answer.Status, http.StatusNoContent)
	}
}

func TestNobodyFindsWhomSheMayNotSee(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	cedar := p.Cedar
	for _, c := range []struct {
		staff *apptest.Staff
		finds []*apptest.Participant
	}{
		{cedar.Worker, []*apptest.Participant{cedar.Own, cedar.Shared, cedar.Twin, cedar.Former}},
		{cedar.FrontDesk, []*apptest.Participant{cedar.Own, cedar.Shared, cedar.Twin, cedar.Former}},
		{cedar.Mixed, []*apptest.Participant{cedar.Other, cedar.Twin}},
		{cedar.Advocate, []*apptest.Participant{cedar.Hidden, cedar.Shared}},
	} {
		b := p.SignIn(t, c.staff)
		b.Open("/find")
		for _, someone := range slices.Concat(cedar.Participants(), p.Birch.Participants()) {
			want := slices.Contains(c.finds, someone)
			for path, ask := range map[string]func(string) *apptest.Page{"/find": b.Find, "/find/suggest": func(q string) *apptest.Page { return suggest(b, q) }} {
				for _, q := range []string{someone.LastName, someone.RecordID, someone.FirstName + " " + someone.LastName} {
					p.ForgetLimits(t)
					found := slices.Contains(ask(q).Values("a.row", "href"), "/participants/"+someone.ID.String())
					if found != want {
						t.Errorf("%s: %s finds somebody: %v, want %v", path, c.staff.Login, found, want)
					}
				}
			}
		}
	}
	for _, staff := range []*apptest.Staff{cedar.Executive, cedar.Admin, cedar.Nobody} {
		b := p.SignIn(t, staff)
		b.Open("/")
		b.Post("/find", url.Values{"q": {cedar.Own.LastName}}).WantStatus(http.StatusForbidden)
	}
}

func TestAListIsOneActWithItsPeopleAndNoWordsInTheClear(t *testing.T) {
	t.Parallel()
	p := apptest.New(t)
	cedar := p.Cedar
	b := p.SignIn(t, cedar.Advocate)
	b.Open("/find")
	b.Find(cedar.Hidden.LastName)
	suggest(b, cedar.Shared.FirstName)
	b.Find("qqqqqqqqqq")
	p.Drain(t)

	conn, err := pgx.Connect(t.Context(), p.World.AuditSuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	type entry struct {
		ActorID        uuid.UUID
		ParticipantIDs []uuid.UUID
		IsConfidential bool
		Body           string
	}
	rows, err := conn.Query(t.Context(), `SELECT actor_id, participant_ids, is_confidential, convert_from(body, 'UTF8') AS body
		FROM audit.entries WHERE agency_id = $1 AND action = 'participant.search' ORDER BY seq`, cedar.ID)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 {
		t.Fatalf("got %d acts, want one for each answer with people", len(entries))
	}
	for i, want := range []*apptest.Participant{cedar.Hidden, cedar.Shared} {
		got := entries[i]
		if got.ActorID != cedar.Advocate.ID || !slices.Equal(got.ParticipantIDs, []uuid.UUID{want.ID}) || !got.IsConfidential {
			t.Errorf("act %d: %s saw %v, confidential %v; want %s, %v, true", i, got.ActorID, got.ParticipantIDs, got.IsConfidential, cedar.Advocate.ID, want.ID)
		}
		for _, word := range want.Words() {
			if strings.Contains(got.Body, word) {
				t.Errorf("act %d says %q in the clear", i, word)
			}
		}
	}
}
