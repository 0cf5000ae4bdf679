package tenancy_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// A clock that the test moves.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanoseconds.Store(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}
func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

func TestAHostFindsItsAgencyHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t, func(n *tenancy.NewAgency) { n.Hosts = append(n.Hosts, "www."+n.Hosts[0]) })
	for _, host := range []string{
		agency.Host, agency.Host + ":8080", agency.Host + ".", "www." + agency.Host,
		string(agency.Host[0]-'a'+'A') + agency.Host[1:],
	} {
		got, err := w.Platform.Resolve(t.Context(), host)
		if err != nil || got.ID != agency.ID {
			t.Errorf("%s: got %v and %v", host, got, err)
			continue
		}
		if got.Host != agency.Subdomain+".localhost" {
			t.Errorf("%s: its host is %s, want the first one", host, got.Host)
		}
	}
}

func TestAHostThatNobodyHasIsUnknown(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	long := make([]byte, 300)
	for i := range long {
		long[i] = 'a'
	}
	for _, host := range []string{
		"", ".", ":", "nobody.localhost", "localhost", agency.Subdomain, agency.Host + ".example.org", "x." + agency.Host,
		agency.Host + "\x00", agency.Host + "' OR '1'='1", "127.0.0.1", "[::1]:8080", string(long),
	} {
		if got, err := w.Platform.Resolve(t.Context(), host); !errors.Is(err, tenancy.ErrUnknownHost) {
			t.Errorf("%q: got %v and %v, want %v", host, got, err, tenancy.ErrUnknownHost)
		}
	}
}

func TestTheRegistryIsReadAgainWhenItIsOld(t *testing.T) {
	t.Parallel()
	clock := newClock()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now, s.RegistryAge = clock.now, time.Second })
	agency := w.Agency(t)
	ctx := t.Context()
	resolve := func() tenancy.Status {
		t.Helper()
		byHost, err := w.Platform.Resolve(ctx, agency.Host)
		if err != nil {
			t.Fatal(err)
		}
		byID, err := w.Platform.Agency(ctx, agency.ID)
		if err != nil {
			t.Fatal(err)
		}
		if byHost.Status != byID.Status {
			t.Errorf("by host it is %s, by id %s", byHost.Status, byID.Status)
		}
		return byHost.Status
	}
	if got := resolve(); got != tenancy.Active {
		t.Fatalf("got %s", got)
	}
	if _, err := w.Platform.Resolve(ctx, "later-"+agency.Host); !errors.Is(err, tenancy.ErrUnknownHost) {
		t.Fatal(err)
	}

	// Another process changes the registry.
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, `UPDATE control.agencies SET status = 'suspended' WHERE id = $1`, agency.ID)
	mustExec(t, superuser, `INSERT INTO control.agency_hosts (host, agency_id, is_primary) VALUES ($1, $2, false)`, "later-"+agency.Host, agency.ID)
	clock.advance(time.Second - 1)
	if got := resolve(); got != tenancy.Active {
		t.Errorf("just before its age: got %s, want what was remembered", got)
	}
	clock.advance(1)
	if got := resolve(); got != tenancy.Suspended {
		t.Errorf("at its age: got %s, want suspended", got)
	}
	if _, err := w.Platform.Resolve(ctx, "later-"+agency.Host); err != nil {
		t.Errorf("the new host at its age: %v", err)
	}

	mustExec(t, superuser, `UPDATE control.agencies SET status = 'active' WHERE id = $1`, agency.ID)
	w.Platform.Forget()
	if got := resolve(); got != tenancy.Active {
		t.Errorf("after Forget: got %s, want active", got)
	}
}

func TestManyRequestsForANewHostAskTheRegistryTogether(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	w.Platform.Forget()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if got, err := w.Platform.Resolve(t.Context(), agency.Host); err != nil || got.ID != agency.ID {
				t.Errorf("got %v and %v", got, err)
			}
		})
	}
	all.Wait()
}

func TestHostsThatNobodyHasDoNotStarveTheOthers(t *testing.T) {
	t.Parallel()
	clock := newClock()
	w := tenancytest.NewAlone(t, func(s *tenancy.Settings) { s.Now, s.RegistryAge, s.LaneSize = clock.now, time.Second, 1 })
	agency := w.Agency(t)
	ctx := t.Context()
	if _, err := w.Platform.Resolve(ctx, agency.Host); err != nil {
		t.Fatal(err)
	}

	// The registry answers nobody who asks by host until the lock goes.
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, "BEGIN; LOCK TABLE control.agency_hosts IN ACCESS EXCLUSIVE MODE")
	var all sync.WaitGroup
	var busy atomic.Int32
	for i := range 40 {
		all.Go(func() {
			_, err := w.Platform.Resolve(ctx, fmt.Sprintf("made-up-%d.example", i))
			if errors.Is(err, tenancy.ErrBusy) {
				busy.Add(1)
			}
		})
	}
	waitUntil(t, "those who wait in vain", func() bool { return busy.Load() == 38 })
	if n := one[int](t, superuser, "SELECT count(*)::int FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"); n != 2 {
		t.Errorf("%d look-ups wait for the registry, want 2", n)
	}
	// Meanwhile the relay and the registry's other users have connections.
	short, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	nothing := func(tx pgx.Tx) error { _, err := tx.Exec(short, "SELECT"); return err }
	if err := w.Platform.Relay(short, tenancy.MainShard, nothing); err != nil {
		t.Errorf("the relay: %v", err)
	}
	if err := w.Platform.Control(short, nothing); err != nil {
		t.Errorf("the registry: %v", err)
	}
	mustExec(t, superuser, "ROLLBACK")
	all.Wait()

	// What nobody has is remembered: not one of these reaches the registry.
	if _, err := w.Platform.Resolve(ctx, "nobodys.example"); !errors.Is(err, tenancy.ErrUnknownHost) {
		t.Fatal(err)
	}
	mustExec(t, superuser, "BEGIN; LOCK TABLE control.agency_hosts IN ACCESS EXCLUSIVE MODE")
	for range 5 {
		if _, err := w.Platform.Resolve(ctx, "nobodys.example"); !errors.Is(err, tenancy.ErrUnknownHost) {
			t.Errorf("a host that was asked for before: got %v", err)
		}
	}
	mustExec(t, superuser, "ROLLBACK")
}

func TestAgenciesAreListedPageByPage(t *testing.T) {
	t.Parallel()
	w := tenancytest.NewAlone(t)
	want := map[string]bool{}
	for range 5 {
		want[w.Agency(t).Subdomain] = true
	}
	last := ""
	for pages := 0; ; pages++ {
		page, err := w.Platform.List(t.Context(), last, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			if pages != 3 {
				t.Errorf("got %d pages, want 3", pages)
			}
			break
		}
		for _, a := range page {
			if a.Subdomain <= last || !want[a.Subdomain] {
				t.Errorf("%s comes after %s", a.Subdomain, last)
			}
			delete(want, a.Subdomain)
			last = a.Subdomain
		}
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	if _, err := w.Platform.BySubdomain(t.Context(), "nobody"); !errors.Is(err, tenancy.ErrUnknownAgency) {
		t.Errorf("got %v, want %v", err, tenancy.ErrUnknownAgency)
	}
	if _, err := w.Platform.Agency(t.Context(), tenancy.NewID()); !errors.Is(err, tenancy.ErrUnknownAgency) {
		t.Errorf("got %v, want %v", err, tenancy.ErrUnknownAgency)
	}
}

func TestWhatAnAgencysStatusAllows(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	nothing := func(*tenancy.Tx) error { return nil }
	for _, test := range []struct {
		path                   []tenancy.Status // from active
		resolved, used, looked bool
	}{
		{path: nil, resolved: true, used: true, looked: true},
		{path: []tenancy.Status{tenancy.Suspended}, resolved: true, looked: true},
		{path: []tenancy.Status{tenancy.Suspended, tenancy.Active}, resolved: true, used: true, looked: true},
		{path: []tenancy.Status{tenancy.Offboarding}, resolved: true, looked: true},
		{path: []tenancy.Status{tenancy.Offboarding, tenancy.Suspended}, resolved: true, looked: true},
		{path: []tenancy.Status{tenancy.Offboarding, tenancy.Closed}},
	} {
		first := w.Agency(t)
		for _, status := range test.path {
			if err := tenancy.SetStatus(t.Context(), w.Owner, first, status, nil); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.Platform.Resolve(t.Context(), first.Host)
		if got := err == nil; got != test.resolved || !got && !errors.Is(err, tenancy.ErrUnknownHost) {
			t.Errorf("%v: Resolve: got %v", test.path, err)
		}
		agency, err := w.Platform.Agency(t.Context(), first.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, test2 := range map[string]struct {
			err   error
			right bool
		}{
			"View":    {agency.View(t.Context(), nothing), test.used},
			"Update":  {agency.Update(t.Context(), nothing), test.used},
			"Inspect": {agency.Inspect(t.Context(), nothing), test.looked},
		} {
			if got := test2.err == nil; got != test2.right || !got && !errors.Is(test2.err, tenancy.ErrClosed) {
				t.Errorf("%v: %s: got %v", test.path, name, test2.err)
			}
		}
	}
}

func TestAnOrderOfStatusesThatIsNotAllowedIsRefused(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	for _, to := range []tenancy.Status{tenancy.Closed, tenancy.Provisioning, "open"} {
		if err := tenancy.SetStatus(t.Context(), w.Owner, agency, to, nil); !errors.Is(err, tenancy.ErrOrder) {
			t.Errorf("from active to %s: got %v, want %v", to, err, tenancy.ErrOrder)
		}
	}
	superuser := dial(t, w.SuperuserURL())
	mustExec(t, superuser, `UPDATE control.agencies SET status = 'offboarding' WHERE id = $1`, agency.ID)
	mustExec(t, superuser, `UPDATE control.agencies SET status = 'closed' WHERE id = $1`, agency.ID)
	for _, to := range []tenancy.Status{tenancy.Provisioning, tenancy.Active, tenancy.Suspended, tenancy.Offboarding} {
		if err := tenancy.SetStatus(t.Context(), w.Owner, agency, to, nil); !errors.Is(err, tenancy.ErrOrder) {
			t.Errorf("from closed to %s: got %v, want %v", to, err, tenancy.ErrOrder)
		}
	}
	gone := *agency
	gone.ID = tenancy.NewID()
	if err := tenancy.SetStatus(t.Context(), w.Owner, &gone, tenancy.Suspended, nil); !errors.Is(err, tenancy.ErrUnknownAgency) {
		t.Errorf("an agency that is not there: got %v", err)
	}
}

func TestAStatusAndItsRecordAreWrittenTogether(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	ctx := t.Context()
	superuser := dial(t, w.SuperuserURL())
	event := tenancy.NewID()
	records := 0
	record := func(tx pgx.Tx) error {
		records++
		_, err := tx.Exec(ctx, `INSERT INTO outbox.audit_events (event_id, agency_id, body) VALUES ($1, $2, 'x')`, event, agency.ID)
		return err
	}
	for range 2 { // the second time there is nothing to do and to record
		if err := tenancy.SetStatus(ctx, w.Owner, agency, tenancy.Suspended, record); err != nil {
			t.Fatal(err)
		}
	}
	if records != 1 {
		t.Errorf("recorded %d times, want once", records)
	}
	if got := one[string](t, superuser, `SELECT written_by FROM outbox.audit_events WHERE event_id = $1`, event); got != "konote_control" {
		t.Errorf("written by %s, want konote_control", got)
	}
	wrong := errors.New("no room")
	if err := tenancy.SetStatus(ctx, w.Owner, agency, tenancy.Active, func(pgx.Tx) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("got %v, want the record's error", err)
	}
	if got := one[string](t, superuser, `SELECT status FROM control.agencies WHERE id = $1`, agency.ID); got != "suspended" {
		t.Errorf("without its record the status became %s", got)
	}
}

func TestTheRegistryRefusesWhatMayNeverChange(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	agency := w.Agency(t)
	for _, conn := range []*pgx.Conn{dial(t, w.URL("konote_owner")), dial(t, w.SuperuserURL())} {
		for _, change := range []string{
			"is_demo = NOT is_demo", "schema_name = 'a_aaaaaaaaaaaaaaaa'", "id = gen_random_uuid()", "status = 'provisioning'",
			"subdomain = 'Upper'", "subdomain = 'a'", "status = 'open'", "name_fr = ''",
		} {
			_, err := conn.Exec(t.Context(), `UPDATE control.agencies SET `+change+` WHERE id = $1`, agency.ID)
			if code(err) != checkViolation {
				t.Errorf("%s: got %q, want a refusal", change, code(err))
			}
		}
	}
	for _, sql := range []string{
		`UPDATE control.agencies SET status = 'active'`, `DELETE FROM control.agencies`, `UPDATE control.agency_keys SET wrapped = ''`,
		`DELETE FROM control.agency_keys`, `INSERT INTO control.agency_hosts (host, agency_id) VALUES ('x', gen_random_uuid())`,
	} {
		err := w.Platform.Control(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if code(err) != permissionDenied {
			t.Errorf("konote_control: %s: got %q, want permission denied", sql, code(err))
		}
	}
}

func TestHostsInUseAreReadAgainTogether(t *testing.T) {
	t.Parallel()
	clock := newClock()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.Now, s.RegistryAge = clock.now, time.Second })
	first, second := w.Agency(t), w.Agency(t)
	ctx := t.Context()
	status := func(a *tenancy.Agency) tenancy.Status {
		t.Helper()
		got, err := w.Platform.Resolve(ctx, a.Host)
		if err != nil {
			t.Fatal(err)
		}
		return got.Status
	}
	status(first)
	status(second)
	superuser := dial(t, w.SuperuserURL())
	suspend := func(a *tenancy.Agency) {
		t.Helper()
		mustExec(t, superuser, `UPDATE control.agencies SET status = 'suspended' WHERE id = $1`, a.ID)
	}

	clock.advance(time.Second)
	if got := status(first); got != tenancy.Active { // takes the second along
		t.Fatalf("got %s", got)
	}
	suspend(second)
	if got := status(second); got != tenancy.Active {
		t.Errorf("the second agency was not read with the first: %s", got)
	}
	clock.advance(time.Second)
	if got := status(second); got != tenancy.Suspended {
		t.Errorf("at its age: got %s, want suspended", got)
	}

	mustExec(t, superuser, `DELETE FROM control.agency_hosts WHERE agency_id = $1`, first.ID)
	clock.advance(time.Second)
	if got := status(second); got != tenancy.Suspended {
		t.Errorf("got %s", got)
	}
	if got, err := w.Platform.Resolve(ctx, first.Host); !errors.Is(err, tenancy.ErrUnknownHost) {
		t.Errorf("a host that was taken away: got %v and %v, want %v", got, err, tenancy.ErrUnknownHost)
	}
}

func TestHostsThatAgeAtOnceAreFoundByAll(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t, func(s *tenancy.Settings) { s.RegistryAge = time.Microsecond })
	agencies := []*tenancy.Agency{w.Agency(t), w.Agency(t), w.Agency(t)}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 30 {
				a := agencies[(worker+i)%len(agencies)]
				if i%10 == 9 {
					w.Platform.Forget()
				}
				if got, err := w.Platform.Resolve(t.Context(), a.Host); err != nil || got.ID != a.ID {
					t.Errorf("%s: got %v and %v", a.Host, got, err)
				}
			}
		})
	}
	all.Wait()
}
