package watch

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
)

// A tally is what the entries of a day add up to, for each member of staff.
type tally struct {
	zone   *time.Location
	sheets map[uuid.UUID]*sheet
}

// A sheet is one member of staff's day.
type sheet struct {
	opened      map[uuid.UUID]*opening // by participant
	hour        []moment               // the last hour, to count the records in it
	busiest     int
	busy        trail // of the busiest hour
	first, last int   // minutes of the day of her first and last act on a record
	late        map[int]trail
	run         trail // refusals with nothing between them
	runBegan    time.Time
	refused     trail // the longest run
	exports     trail
}

// An opening is how somebody opened one record that day.
type opening struct {
	trail
	worker bool // as a direct-service worker
}

type moment struct {
	at          time.Time
	participant uuid.UUID
	event       uuid.UUID
	program     uuid.UUID
}

// A trail is entries behind a finding: how many, the first of them, and where.
type trail struct {
	count    int
	events   []uuid.UUID
	programs []uuid.UUID // uuid.Nil stands for all of hers: the entry names none
	people   []uuid.UUID
}

func (t *trail) add(e, program uuid.UUID, people ...uuid.UUID) {
	t.count++
	if len(t.events) < keptEvents {
		t.events = append(t.events, e)
	}
	if !slices.Contains(t.programs, program) {
		t.programs = append(t.programs, program)
	}
	for _, id := range people {
		if len(t.people) < keptEvents && !slices.Contains(t.people, id) {
			t.people = append(t.people, id)
		}
	}
}

func newTally(zone *time.Location) *tally {
	return &tally{zone: zone, sheets: map[uuid.UUID]*sheet{}}
}

// add counts an entry. Entries come in order.
func (t *tally) add(e audit.Told) {
	if e.Kind != audit.KindStaff || e.Staff == uuid.Nil {
		return
	}
	s := t.sheets[e.Staff]
	if s == nil {
		s = &sheet{opened: map[uuid.UUID]*opening{}, late: map[int]trail{}}
		t.sheets[e.Staff] = s
	}
	switch v := verb(e.Action); {
	case e.Outcome == audit.Refused:
		s.refuse(e)
	case e.Outcome != audit.Done:
	case v == "export" || v == "download":
		s.exports.add(e.ID, e.Program)
	case len(e.Participants) == 1 && !slices.Contains(lists, v):
		local := e.At.In(t.zone)
		s.open(e, local.Hour()*60+local.Minute())
	}
}

// refuse counts refusals that follow each other.
func (s *sheet) refuse(e audit.Told) {
	if s.run.count > 0 && e.At.Sub(s.runBegan) > refusedTime {
		s.run = trail{}
	}
	if s.run.count == 0 {
		s.runBegan = e.At
	}
	s.run.add(e.ID, e.Program, e.Participants...)
	if s.run.count > s.refused.count {
		s.refused = s.run
	}
}

// open counts a record that was opened at a minute of the day.
func (s *sheet) open(e audit.Told, minute int) {
	s.run = trail{}
	participant := e.Participants[0]
	if len(s.opened) == 0 {
		s.first = minute
	}
	s.last = minute
	o := s.opened[participant]
	if o == nil {
		o = &opening{}
		s.opened[participant] = o
	}
	o.add(e.ID, e.Program, participant)
	o.worker = o.worker || e.Role == access.DirectService

	if minute < opensAt || minute >= closesAt {
		late := s.late[minute]
		late.add(e.ID, e.Program, participant)
		s.late[minute] = late
	}

	began := e.At.Add(-busyTime)
	s.hour = slices.DeleteFunc(s.hour, func(m moment) bool { return m.at.Before(began) || m.participant == participant })
	s.hour = append(s.hour, moment{e.At, participant, e.ID, e.Program})
	if len(s.hour) > s.busiest {
		s.busiest, s.busy = len(s.hour), trail{}
		for _, m := range s.hour {
			s.busy.add(m.event, m.program)
		}
	}
}

// findings are the patterns that show without anybody's name.
func (s *sheet) findings(u usual) []Finding {
	var found []Finding
	if u.tooMany(s.busiest) {
		f := s.busy.finding(Many)
		f.Amount = s.busiest
		if u.known() {
			f.Usual = u.Busiest
		}
		found = append(found, f)
	}
	if s.refused.count >= refusedInRow {
		found = append(found, s.refused.finding(Refused))
	}
	var late trail
	people := map[uuid.UUID]bool{}
	for minute := range 24 * 60 {
		if at, there := s.late[minute]; there && u.odd(minute) {
			late.join(at)
			for _, id := range at.people {
				people[id] = true
			}
		}
	}
	if late.count > 0 {
		f := late.finding(Hours)
		f.Participants, f.Amount = nil, len(people)
		found = append(found, f)
	}
	if s.exports.count > 0 {
		found = append(found, s.exports.finding(Export))
	}
	return found
}

// join adds another trail.
func (t *trail) join(other trail) {
	t.count += other.count
	t.events = append(t.events, other.events...)
	t.events = t.events[:min(len(t.events), keptEvents)]
	for _, id := range other.programs {
		if !slices.Contains(t.programs, id) {
			t.programs = append(t.programs, id)
		}
	}
	for _, id := range other.people {
		if !slices.Contains(t.people, id) && len(t.people) < keptEvents {
			t.people = append(t.people, id)
		}
	}
}

func (t trail) finding(kind Kind) Finding {
	return Finding{Kind: kind, Programs: t.programs, Participants: t.people, Events: t.events, Amount: t.count}
}

// about is a finding about the records that somebody opened: nil when there are none.
func (s *sheet) about(kind Kind, people []uuid.UUID) []Finding {
	if len(people) == 0 {
		return nil
	}
	slices.SortFunc(people, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	var t trail
	for _, id := range people {
		t.join(s.opened[id].trail)
	}
	f := t.finding(kind)
	f.Amount = len(people)
	return []Finding{f}
}
