package audit

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// The form of a body is public: these bytes may never change.
func TestABodyIsCanonical(t *testing.T) {
	t.Parallel()
	id := func(last string) uuid.UUID { return uuid.MustParse("018f0000-0000-7000-8000-0000000000" + last) }
	at := time.Date(2026, 2, 10, 9, 5, 0, 7_999_999, time.FixedZone("", -5*3600))
	for _, c := range []struct {
		name string
		by   By
		e    Event
		want string
	}{
		{"all there is", By{Kind: KindStaff, Staff: id("aa"), Reference: "r-1", IP: "192.0.2.7"},
			Event{Action: "note.create", Outcome: Refused, Role: "direct_service", Program: id("bb"), Subject: id("cc"),
				Participants: []uuid.UUID{id("dd"), id("ee")}, Confidential: true},
			`{"v":1,"id":"018f0000-0000-7000-8000-000000000001","agency":"018f0000-0000-7000-8000-000000000002",` +
				`"at":"2026-02-10T14:05:00.007Z","action":"note.create","outcome":"refused","actor_kind":"staff",` +
				`"staff":"018f0000-0000-7000-8000-0000000000aa","role":"direct_service","program":"018f0000-0000-7000-8000-0000000000bb",` +
				`"subject":"018f0000-0000-7000-8000-0000000000cc","participants":["018f0000-0000-7000-8000-0000000000dd","018f0000-0000-7000-8000-0000000000ee"],` +
				`"confidential":true,"reference":"r-1"}`},
		{"as little as can be", By{Kind: KindOperator, Operator: "<root>"}, Event{Action: "agency.create"},
			`{"v":1,"id":"018f0000-0000-7000-8000-000000000001","agency":"018f0000-0000-7000-8000-000000000002",` +
				`"at":"2026-02-10T14:05:00.007Z","action":"agency.create","outcome":"done","actor_kind":"operator","operator":"<root>"}`},
	} {
		b, err := newBody(id("01"), id("02"), at, c.by, c.e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.encode()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		parsed, parsedAt, err := parseBody(got, id("02"), id("01"))
		if err != nil || !parsedAt.Equal(at.Truncate(time.Millisecond)) || !cmp.Equal(parsed, b) {
			t.Errorf("%s: got %+v at %v, %v", c.name, parsed, parsedAt, err)
		}
	}
}

func TestAnActThatNamesNothingIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by By
		e  Event
	}{
		"no action":        {testBy, Event{}},
		"a sentence":       {testBy, Event{Action: "saw Marguerite"}},
		"no actor":         {By{}, Event{Action: "note.view"}},
		"a strange result": {testBy, Event{Action: "note.view", Outcome: "perhaps"}},
	} {
		if _, err := newBody(uuid.New(), uuid.New(), time.Now(), c.by, c.e); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestNothingPersonalIsReadableInTheOutboxOrTheLedger(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agency := b.Agency(t)
	err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		return Record(t.Context(), tx, testBy, Event{Action: "participant.update",
			Before: map[string]string{"last_name": "Tremblay"}, After: map[string]string{"last_name": "Nguyễn"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	look := func(url, table string) {
		for _, secret := range []string{"Tremblay", "Nguyễn", "192.0.2.7"} {
			if n := count(t, url, "SELECT count(*) FROM "+table+" AS e WHERE convert_from(body, 'UTF8') LIKE $1 OR e::text LIKE $1", "%"+secret+"%"); n != 0 {
				t.Errorf("%s is readable in %s", secret, table)
			}
		}
	}
	look(b.SuperuserURL(), "outbox.audit_events")
	b.drain(t)
	look(b.AuditSuperuserURL(), "audit.entries")
}

func TestADetailOpensInItsOwnEntryOnly(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency, other := w.Agency(t), w.Agency(t)
	seal := func(a *tenancy.Agency, phone string) body {
		var made body
		err := a.Update(t.Context(), func(tx *tenancy.Tx) (err error) {
			e := Event{Action: "participant.update", After: map[string]string{"phone": phone}}
			if made, err = newBody(tenancy.NewID(), a.ID, tx.Now(), testBy, e); err != nil {
				return err
			}
			return made.seal(tx.Box(), testBy, e)
		})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	first, second, foreign := seal(agency, "0101"), seal(agency, "0202"), seal(other, "0303")
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		d, err := first.open(tx.Box())
		if err != nil || string(d.After) != `{"phone":"0101"}` || d.IP != testBy.IP {
			t.Errorf("got %+v, %v", d, err)
		}
		for name, from := range map[string]body{"another entry's": second, "another agency's": foreign} {
			swapped := first
			swapped.Sealed = from.Sealed
			if _, err := swapped.open(tx.Box()); !errors.Is(err, keyring.ErrOpen) {
				t.Errorf("%s detail: got %v, want ErrOpen", name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSealedValuesDoNotSlipIntoADetail(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		return Record(t.Context(), tx, testBy, Event{Action: "note.create", After: keyring.Sealed("x")})
	})
	if err == nil || !strings.Contains(err.Error(), "sealed value") {
		t.Errorf("got %v, want an error about the sealed value", err)
	}
}

func TestAnActThatCannotBeRecordedDoesNotHappen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	agency := b.Agency(t)
	err := agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO agency.settings (name, value) VALUES ('x', '1')`); err != nil {
			return err
		}
		return Record(t.Context(), tx, testBy, Event{Action: "settings.update", After: strings.Repeat("x", 1<<21)})
	})
	if err == nil {
		t.Fatal("got no error for an act that is too big for the outbox")
	}
	err = agency.View(t.Context(), func(tx *tenancy.Tx) error {
		var n int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.settings WHERE name = 'x'`).Scan(&n); err != nil {
			return err
		}
		if n != 0 {
			t.Error("the act happened without its record")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnActOnThePlatformHasNoRoomForDetails(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	err := RecordPlatform(t.Context(), w.Platform, By{Kind: KindOperator}, Event{Action: "agency.create", After: "x"})
	if !errors.Is(err, errDetail) {
		t.Errorf("got %v, want %v", err, errDetail)
	}
}

func FuzzParseBody(f *testing.F) {
	f.Add([]byte(`{"v":1,"id":"018f0000-0000-7000-8000-000000000001","agency":"018f0000-0000-7000-8000-000000000002","at":"2026-02-10T14:05:00.007Z","action":"a.b","outcome":"done","actor_kind":"staff"}`))
	agency, event := uuid.MustParse("018f0000-0000-7000-8000-000000000002"), uuid.MustParse("018f0000-0000-7000-8000-000000000001")
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, at, err := parseBody(raw, agency, event)
		if err != nil {
			return
		}
		e := Entry{Agency: agency, Event: event, Body: raw}
		row := entryRow(&e, &queued{body: b, at: at, agency: agency, event: event})
		for _, value := range row {
			if text, ok := value.(string); ok && strings.ContainsRune(text, 0) {
				t.Errorf("%q would break the batch", text)
			}
		}
	})
}
