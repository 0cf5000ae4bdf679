package settings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/settings"
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

var operator = audit.By{Kind: audit.KindOperator, Operator: "test"}

func TestEveryStatementIsAccepted(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestAnAgencyThatHasChosenNothingHasTheDefaults(t *testing.T) {
	t.Parallel()
	got := load(t, tenancytest.New(t).Agency(t))
	want := web.AgencySettings{Terms: i18n.DefaultTerms, Zone: i18n.Toronto(), Idle: 30 * time.Minute, Access: access.Policy{GrantDays: 30}}
	if diff := diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsSetIsReadAndRecorded(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	own := i18n.Terms{"en": {"participant": {One: "neighbour", Many: "neighbours"}}, "fr": {"participant": {One: "voisine", Many: "voisines", Feminine: true}}}
	for _, change := range []struct {
		name  settings.Name
		value any
	}{
		{settings.Terms, own}, {settings.TimeZone, "America/Vancouver"}, {settings.IdleMinutes, 10}, {settings.IdleMinutes, 480}, {settings.HelpContact, "Ana, poste 12"},
	} {
		if err := set(t, agency, change.name, change.value); err != nil {
			t.Fatalf("%s: %v", change.name, err)
		}
	}
	zone, err := time.LoadLocation("America/Vancouver")
	if err != nil {
		t.Fatal(err)
	}
	want := web.AgencySettings{Terms: i18n.DefaultTerms.With(own), Zone: zone, Idle: 8 * time.Hour, HelpContact: "Ana, poste 12", Access: access.Policy{GrantDays: 30}}
	if diff := diff(want, load(t, agency)); diff != "" {
		t.Error(diff)
	}

	db, err := pgx.Connect(t.Context(), w.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	var count int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM outbox.audit_events WHERE agency_id = $1 AND convert_from(body, 'UTF8') LIKE '%"action":"settings.update"%'`,
		agency.ID).Scan(&count); err != nil || count != 5 {
		t.Errorf("got %d records, %v, want one for each change", count, err)
	}
}

func TestValuesThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	for _, test := range []struct {
		name  settings.Name
		value any
	}{
		{settings.IdleMinutes, 4}, {settings.IdleMinutes, 481}, {settings.IdleMinutes, "30"}, {settings.IdleMinutes, 5.5}, {settings.IdleMinutes, nil},
		{settings.TimeZone, ""}, {settings.TimeZone, "Local"}, {settings.TimeZone, "Mars/Olympus"}, {settings.TimeZone, "../../etc/passwd"}, {settings.TimeZone, 5},
		{settings.HelpContact, strings.Repeat("é", 201)}, {settings.HelpContact, "two\nlines"}, {settings.HelpContact, 5},
		{settings.Terms, i18n.Terms{"de": {}}}, {settings.Terms, i18n.Terms{"en": {"wizard": {One: "a", Many: "b"}}}},
		{settings.Terms, i18n.Terms{"en": {"note": {One: "memo"}}}}, {settings.Terms, i18n.Terms{"en": {"note": {One: "{n}", Many: "memos"}}}},
		{settings.Terms, i18n.Terms{"en": {"note": {One: strings.Repeat("m", 41), Many: "memos"}}}}, {settings.Terms, map[string]int{"en": 1}},
		{settings.AccessTier, 0}, {settings.AccessTier, 4}, {settings.AccessTier, "3"}, {settings.RecordsApart, 1}, {settings.ConsentFirst, "yes"},
		{settings.GrantDays, 0}, {settings.GrantDays, 2}, {settings.GrantDays, 31}, {settings.GrantDays, "7"},
		{settings.FrontDesk, map[string]string{"shoe_size": "view"}}, {settings.FrontDesk, map[string]string{"phone": "sell"}},
		{"colour", "red"}, {"", "x"}, {settings.HelpContact, make(chan int)},
	} {
		if err := set(t, agency, test.name, test.value); !errors.Is(err, settings.ErrValue) {
			t.Errorf("%s = %v: got %v, want ErrValue", test.name, test.value, err)
		}
	}
	if diff := diff(settings.Defaults(), load(t, agency)); diff != "" {
		t.Error("something was written all the same:", diff)
	}
}

func TestAValueThatWasChangedByHandIsAnErrorThatNamesTheSetting(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	update(t, agency, func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO agency.settings (name, value) VALUES ('idle_minutes', '100000')`)
		return err
	})
	err := agency.View(t.Context(), func(tx *tenancy.Tx) error {
		_, err := settings.Load(t.Context(), tx)
		return err
	})
	if !errors.Is(err, settings.ErrValue) || !strings.Contains(err.Error(), "idle_minutes") || strings.Contains(err.Error(), "100000") {
		t.Errorf("got %v, want ErrValue naming idle_minutes and not the value", err)
	}
}

func diff(want, got web.AgencySettings) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }))
}

func load(t *testing.T, agency *tenancy.Agency) (loaded web.AgencySettings) {
	t.Helper()
	if err := agency.View(t.Context(), func(tx *tenancy.Tx) (err error) {
		loaded, err = settings.Load(t.Context(), tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return loaded
}

func set(t *testing.T, agency *tenancy.Agency, name settings.Name, value any) error {
	t.Helper()
	return agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, operator, name, value)
	})
}

func update(t *testing.T, agency *tenancy.Agency, f func(*tenancy.Tx) error) {
	t.Helper()
	if err := agency.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}
