package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/civil"
	"konote/app/participant"
	"konote/app/settings"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
)

const (
	tickEvery = 30 * time.Minute
	fromHour  = 6  // of the agency's clock
	catchUp   = 14 // days at most that are read after a pause, or at the beginning
	nameChunk = 500
	behindFor = time.Minute
)

// tickArgs are those of the job that finds the agencies whose morning has come.
type tickArgs struct{}

// Kind implements jobs.Args.
func (tickArgs) Kind() string { return "watch.tick" }

// dailyArgs are those of the job that reads an agency's days.
type dailyArgs struct{}

// Kind implements jobs.Args.
func (dailyArgs) Kind() string { return "watch.daily" }

// Reader reads an agency's audit entries for patterns.
type Reader struct {
	Platform    *tenancy.Platform
	Ledger      *audit.Ledger
	VerifierKey string // of the checkpoints
}

// AddJobs hands this package's workers to the registry and puts them in the timetable.
func AddJobs(r *jobs.Registry, reader *Reader) {
	jobs.AddPlatform(r, func(ctx context.Context, _ tickArgs) error { return reader.tick(ctx) })
	jobs.Add(r, func(ctx context.Context, agency *tenancy.Agency, _ dailyArgs) error {
		return reader.CatchUp(ctx, agency)
	})
	jobs.Every(r, tickEvery, tickArgs{})
}

// tick adds a job for every agency where it is morning and yesterday was not read. One that
// cannot be asked now is asked again next time.
func (r *Reader) tick(ctx context.Context) error {
	const page = 200
	for after := ""; ; {
		agencies, err := r.Platform.List(ctx, after, page)
		if err != nil {
			return fmt.Errorf("list agencies: %w", err)
		}
		for _, agency := range agencies {
			after = agency.Subdomain
			if agency.Status != tenancy.Active {
				continue
			}
			err := agency.Update(ctx, func(tx *tenancy.Tx) error {
				due, err := r.due(ctx, tx)
				if err != nil || !due {
					return err
				}
				return jobs.Enqueue(ctx, tx, dailyArgs{}, jobs.Options{Unique: true})
			})
			if err != nil && ctx.Err() != nil {
				return err
			}
		}
		if len(agencies) < page {
			return nil
		}
	}
}

func (r *Reader) due(ctx context.Context, tx *tenancy.Tx) (bool, error) {
	zone, err := zoneOf(ctx, tx)
	if err != nil {
		return false, err
	}
	now := tx.Now().In(zone)
	last, _, err := newest(ctx, tx)
	return now.Hour() >= fromHour && last.Before(civil.Of(now).AddDays(-1)), err
}

func zoneOf(ctx context.Context, tx *tenancy.Tx) (*time.Location, error) {
	chosen, err := settings.Load(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("load settings: %w", err)
	}
	return chosen.Zone, nil
}

// CatchUp reads every day that was not read, up to yesterday, and checks the chain.
func (r *Reader) CatchUp(ctx context.Context, agency *tenancy.Agency) error {
	if err := r.wait(ctx, agency); err != nil {
		return err
	}
	var zone *time.Location
	var last civil.Date
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		if zone, err = zoneOf(ctx, tx); err != nil {
			return err
		}
		last, _, err = newest(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	yesterday := civil.Of(r.Platform.Now().In(zone)).AddDays(-1)
	if earliest := yesterday.AddDays(1 - catchUp); last.Before(earliest) {
		last = earliest.AddDays(-1)
	}
	if !last.Before(yesterday) {
		return nil
	}
	unbroken, broken, err := r.Ledger.Check(ctx, agency.ID, r.VerifierKey)
	if err != nil {
		return fmt.Errorf("check the audit chain: %w", err)
	}
	for day := last.AddDays(1); !yesterday.Before(day); day = day.AddDays(1) {
		if err := r.read(ctx, agency, day, zone, unbroken, broken); err != nil {
			return err
		}
	}
	return nil
}

var errBehind = errors.New("watch: acts still wait in the outbox")

// wait waits until all that was done before now is in the ledger.
func (r *Reader) wait(ctx context.Context, agency *tenancy.Agency) error {
	began := r.Platform.Now()
	for {
		until, err := audit.CompleteUntil(ctx, r.Platform, agency)
		if err != nil || !until.Before(began) {
			return err
		}
		if r.Platform.Now().Sub(began) > behindFor {
			return errBehind
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// midnight is when a day begins on the agency's clock.
func midnight(day civil.Date, zone *time.Location) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, zone).UTC()
}

// tallyOf reads a day.
func (r *Reader) tallyOf(ctx context.Context, agency *tenancy.Agency, day civil.Date, zone *time.Location) (*tally, error) {
	t := newTally(zone)
	for e, err := range r.Ledger.Stretch(ctx, agency.ID, midnight(day, zone), midnight(day.AddDays(1), zone)) {
		if err != nil {
			return nil, err
		}
		t.add(e)
	}
	return t, nil
}

// read finds the patterns of a day, and those of a month before that need what came after.
func (r *Reader) read(ctx context.Context, agency *tenancy.Agency, day civil.Date, zone *time.Location, unbroken, broken int64) error {
	today, err := r.tallyOf(ctx, agency, day, zone)
	if err != nil {
		return err
	}
	old := day.AddDays(-workDays)
	past, err := r.tallyOf(ctx, agency, old, zone)
	if err != nil {
		return err
	}
	idle, err := r.idle(ctx, agency, past, old, zone)
	if err != nil {
		return err
	}
	return agency.Update(ctx, func(tx *tenancy.Tx) error {
		d := digest{tx: tx, day: day}
		if err := d.load(ctx); err != nil {
			return err
		}
		if err := d.patterns(ctx, today); err != nil {
			return err
		}
		if err := d.idle(ctx, past, idle, old); err != nil {
			return err
		}
		if err := d.remember(ctx, today); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlAddRun, day, tx.Now(), unbroken, broken)
		return err
	})
}

// idle are the pairs of a worker and a participant whose record she opened that day, and
// about whom she did nothing for a month before and after.
func (r *Reader) idle(ctx context.Context, agency *tenancy.Agency, past *tally, day civil.Date, zone *time.Location) ([]audit.Pair, error) {
	var pairs []audit.Pair
	for person, s := range past.sheets {
		for id, o := range s.opened {
			if o.worker {
				pairs = append(pairs, audit.Pair{Staff: person, Participant: id})
			}
		}
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	people, participants := parted(pairs)
	worked, err := r.Ledger.Worked(ctx, agency.ID, midnight(day.AddDays(-workDays), zone), midnight(day.AddDays(workDays+1), zone), people, participants, looks)
	if err != nil {
		return nil, err
	}
	return without(pairs, worked), nil
}

func parted(pairs []audit.Pair) (people, participants []uuid.UUID) {
	for _, p := range pairs {
		people, participants = append(people, p.Staff), append(participants, p.Participant)
	}
	return people, participants
}

func without(pairs, others []audit.Pair) []audit.Pair {
	taken := make(map[audit.Pair]bool, len(others))
	for _, p := range others {
		taken[p] = true
	}
	return slices.DeleteFunc(pairs, func(p audit.Pair) bool { return taken[p] })
}

// digest writes down what a day shows.
type digest struct {
	tx         *tenancy.Tx
	day        civil.Date
	roles      map[uuid.UUID][]uuid.UUID
	usual      map[uuid.UUID]usual
	colleagues map[uuid.UUID]somebody
}

func (d *digest) load(ctx context.Context) (err error) {
	if d.roles, err = rolesOf(ctx, d.tx); err != nil {
		return err
	}
	if d.usual, err = usualOf(ctx, d.tx, d.day); err != nil {
		return err
	}
	everybody, err := staff.Colleagues(ctx, d.tx)
	if err != nil {
		return err
	}
	d.colleagues = make(map[uuid.UUID]somebody, len(everybody))
	for _, c := range everybody {
		s := newSomebody(c.Name, "", c.Email)
		s.family = familyOf(c.Name)
		d.colleagues[c.ID] = s
	}
	return nil
}

// patterns writes down those of the day itself.
func (d *digest) patterns(ctx context.Context, t *tally) error {
	family, alike, err := d.compare(ctx, t)
	if err != nil {
		return err
	}
	for person, s := range t.sheets {
		found := s.findings(d.usual[person])
		found = append(found, s.about(Family, family[person])...)
		found = append(found, s.about(Colleague, alike[person])...)
		for _, f := range found {
			if err := d.add(ctx, f, person, d.day); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare opens who the people are whose records were opened, some at a time, and says for
// each member of staff who has her family name and who may be a colleague.
func (d *digest) compare(ctx context.Context, t *tally) (family, alike map[uuid.UUID][]uuid.UUID, err error) {
	family, alike = map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID][]uuid.UUID{}
	openedBy := map[uuid.UUID][]uuid.UUID{}
	var ids []uuid.UUID
	for person, s := range t.sheets {
		for id := range s.opened {
			if openedBy[id] == nil {
				ids = append(ids, id)
			}
			openedBy[id] = append(openedBy[id], person)
		}
	}
	for chunk := range slices.Chunk(ids, nameChunk) {
		people, err := participant.Identities(ctx, d.tx, chunk)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range people {
			legal, usual := newSomebody(p.First, p.Last, p.Email), newSomebody(p.Preferred, p.Last, "")
			colleague := false
			for _, c := range d.colleagues {
				colleague = colleague || c.same(legal) || p.Preferred != "" && c.same(usual)
			}
			for _, person := range openedBy[p.ID] {
				if share(d.colleagues[person].family, legal.family) {
					family[person] = append(family[person], p.ID)
				}
				if colleague {
					alike[person] = append(alike[person], p.ID)
				}
			}
		}
	}
	return family, alike, nil
}

// idle writes down who opened records a month ago that were not hers to work with.
func (d *digest) idle(ctx context.Context, past *tally, pairs []audit.Pair, day civil.Date) error {
	people, participants := parted(pairs)
	if len(pairs) == 0 {
		return nil
	}
	given, err := assigned(ctx, d.tx, people, participants)
	if err != nil {
		return err
	}
	of := map[uuid.UUID][]uuid.UUID{}
	for _, p := range without(pairs, given) {
		of[p.Staff] = append(of[p.Staff], p.Participant)
	}
	for person, people := range of {
		for _, f := range past.sheets[person].about(NoWork, people) {
			if err := d.add(ctx, f, person, day); err != nil {
				return err
			}
		}
	}
	return nil
}

// add writes a finding down. What names no program touches all that she works in.
func (d *digest) add(ctx context.Context, f Finding, person uuid.UUID, day civil.Date) error {
	if _, known := d.colleagues[person]; !known {
		return nil
	}
	touched := []uuid.UUID{}
	for _, program := range f.Programs {
		if program != uuid.Nil {
			touched = append(touched, program)
			continue
		}
		touched = append(touched, d.roles[person]...)
	}
	slices.SortFunc(touched, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	f.ID, f.Day, f.Staff, f.Programs = tenancy.NewID(), day, person, slices.Compact(touched)
	return insert(ctx, d.tx, f)
}

// remember keeps the numbers of the day, off which her usual is read.
func (d *digest) remember(ctx context.Context, t *tally) error {
	for person, s := range t.sheets {
		if _, known := d.colleagues[person]; !known || len(s.opened) == 0 {
			continue
		}
		if _, err := d.tx.Exec(ctx, sqlAddDay, d.day, person, len(s.opened), s.busiest, s.first, s.last); err != nil {
			return fmt.Errorf("keep the numbers of a day: %w", err)
		}
	}
	if _, err := d.tx.Exec(ctx, sqlForgetDays, d.day.AddDays(-keptDays)); err != nil {
		return fmt.Errorf("forget old days: %w", err)
	}
	return nil
}
