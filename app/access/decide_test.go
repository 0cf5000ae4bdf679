package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
)

// A situation is all that a decision depends on. The test says in plain steps what must
// come out, from the page that people read and not from the matrix.
type situation struct {
	roles   map[uuid.UUID]access.Role
	working uuid.UUID // uuid.Nil: in all of them
	policy  access.Policy
	grants  []access.Grant
	closed  []access.Closed
	subject access.Subject
}

var (
	programA, programB = uuid.New(), uuid.New()
	her, another       = uuid.New(), uuid.New()
)

func (s situation) actor() access.Actor {
	a := access.Actor{Staff: uuid.New(), Roles: s.roles, Policy: s.policy, Grants: s.grants, Closed: s.closed}
	if s.working != uuid.Nil {
		a = a.In(s.working)
	}
	return a
}

// writes are the keys that change her record, by the words of their names.
func writes(key access.Key) bool {
	if strings.HasPrefix(string(key), "consent.") {
		return false
	}
	switch key {
	case "participant.edit", "participant.edit_contact", "participant.transfer", "meeting.create", "meeting.edit", "communication.log",
		"alert.create", "sre.flag", "attendance.check_in", "group.manage_members", "custom_field.edit", "intake.edit", "note.create",
		"note.edit", "plan.edit", "event.create", "circle.create", "circle.edit", "message.leave":
		return true
	}
	return false
}

func clinical(key access.Key) bool {
	switch key {
	case "participant.view_clinical", "participant.view_medications", "note.view", "note.create", "plan.view", "plan.edit",
		"metric.view_individual", "event.view", "communication.view", "group.view_detail", "intake.view":
		return true
	}
	return false
}

// closable says whether closing a kind closes what the key is about.
func closable(kind access.Kind, key access.Key) bool {
	about := map[access.Kind][]string{
		"notes": {"note."}, "plan": {"plan.", "metric."}, "events": {"event.", "meeting.", "sre."},
		"contacts": {"communication."}, "groups": {"group.", "circle."},
	}
	return kind == "file" || slices.ContainsFunc(about[kind], func(word string) bool { return strings.HasPrefix(string(key), word) })
}

// want is the answer by the page: the programs through which it is allowed.
func (s situation) want(page map[access.Key][]string, key access.Key) []uuid.UUID {
	emergency := false
	for _, g := range s.grants {
		emergency = emergency || g.Emergency && g.Participant == her
	}
	for _, c := range s.closed {
		if c.Participant == her && c.Item == uuid.Nil && closable(c.Kind, key) && (c.Kind == "file" || !emergency) {
			return nil
		}
	}
	column := map[access.Role]int{"front_desk": 0, "direct_service": 1, "program_manager": 2, "executive": 3}
	var through []uuid.UUID
	for _, e := range s.subject.Enrolments {
		role, held := s.roles[e.Program]
		if !held || s.working != uuid.Nil && s.working != e.Program || e.Status == "cancelled" || slices.Contains(through, e.Program) {
			continue
		}
		switch page[key][column[role]] {
		case "deny":
			continue
		case "gated":
			opened := s.policy.Tier != access.Safeguarded
			for _, g := range s.grants {
				opened = opened || g.Program == e.Program || g.Participant == her
			}
			if !opened {
				continue
			}
		}
		through = append(through, e.Program)
	}
	switch {
	case writes(key) && s.subject.Consent == "withdrawn":
		return nil
	case key == "note.create" && s.policy.ConsentFirst && s.subject.Consent == "none":
		return nil
	case clinical(key) && len(through) == 2:
		// PHIPA, the table in docs/permissions.md.
		shared := map[bool]map[access.Sharing]bool{
			true:  {"agency": true, "share": true, "restrict": false},
			false: {"agency": false, "share": true, "restrict": false},
		}[!s.policy.Apart][s.subject.Sharing]
		if !shared {
			return nil
		}
	}
	return through
}

// Every pair of roles in two programs, every pair of enrolments, every tier and kind of
// grant, for every key; what else there is, is drawn by lot for each of them.
func TestEveryDecisionIsWhatThePageSays(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	random := rand.New(rand.NewPCG(7, 11))
	roles := append([]access.Role{""}, access.Roles...)
	statuses := []access.EnrolmentStatus{"", access.Enrolled, access.Cancelled}
	grants := [][]access.Grant{nil, {{Program: programA}}, {{Participant: her}}, {{Participant: another}}, {{Participant: her, Emergency: true}}, {{Participant: another, Emergency: true}}}
	seen := 0
	for _, roleA := range roles {
		for _, roleB := range roles {
			for _, inA := range statuses {
				for _, inB := range statuses {
					for tier := access.OpenAccess; tier <= access.Safeguarded; tier++ {
						for _, granted := range grants {
							s := situation{roles: map[uuid.UUID]access.Role{}, grants: granted}
							s.policy = access.Policy{Tier: tier, Apart: random.IntN(2) == 0, ConsentFirst: random.IntN(2) == 0}
							s.subject = access.Subject{ID: her,
								Consent: []access.Consent{"none", "given", "withdrawn"}[random.IntN(3)],
								Sharing: []access.Sharing{"agency", "share", "restrict"}[random.IntN(3)]}
							s.working = []uuid.UUID{uuid.Nil, uuid.Nil, programA, programB}[random.IntN(4)]
							for range random.IntN(3) {
								s.closed = append(s.closed, access.Closed{Participant: []uuid.UUID{her, another}[random.IntN(2)],
									Kind: access.Kinds[random.IntN(len(access.Kinds))], Item: []uuid.UUID{uuid.Nil, uuid.Nil, programB}[random.IntN(3)]})
							}
							for program, role := range map[uuid.UUID]access.Role{programA: roleA, programB: roleB} {
								if role != "" {
									s.roles[program] = role
								}
							}
							for _, e := range []access.Enrolment{{Program: programA, Status: inA}, {Program: programB, Status: inB}} {
								if e.Status != "" {
									s.subject.Enrolments = append(s.subject.Enrolments, e)
								}
							}
							seen += s.check(t, page)
						}
					}
				}
			}
		}
	}
	if seen < 200_000 {
		t.Errorf("only %d decisions were looked at", seen)
	}
}

func (s situation) check(t *testing.T, page map[access.Key][]string) int {
	actor := s.actor()
	for _, rule := range access.Matrix {
		want := s.want(page, rule.Key)
		decision := actor.Decide(s.subject, rule.Key)
		if !slices.Equal(decision.Through, want) || (decision.Reason == access.Allowed) != (len(want) > 0) {
			t.Fatalf("%s: got %v through %v, want %v\n%s", rule.Key, decision.Reason, decision.Through, want, fmt.Sprintf("%+v", s))
		}
		// About one participant, and over many, nothing more is open.
		about := actor.About(her)
		for _, program := range want {
			if !about.MayIn(program, rule.Key) {
				t.Fatalf("%s: allowed, and not about her in the program\n%+v", rule.Key, s)
			}
		}
		for _, program := range actor.Programs(rule.Key) {
			if !about.MayIn(program, rule.Key) && !slices.Contains(actor.Withheld(rule.Key), her) {
				t.Fatalf("%s: a list shows what her own page does not\n%+v", rule.Key, s)
			}
		}
	}
	return len(access.Matrix)
}

func TestASingleClosedRecordIsWithheldAndNothingElse(t *testing.T) {
	t.Parallel()
	note := uuid.New()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{programA: access.DirectService},
		Closed: []access.Closed{{Participant: her, Kind: access.NotesKind, Item: note}}}
	if !actor.Withholds(note) || actor.Withholds(uuid.New()) || actor.Withholds(uuid.Nil) {
		t.Error("the one record is not withheld, or another one is")
	}
	if got := actor.Withheld(access.NoteView); !slices.Equal(got, []uuid.UUID{note}) {
		t.Errorf("from lists of notes: got %v, want the note", got)
	}
	if got := actor.Withheld(access.PlanView); len(got) != 0 || got == nil {
		t.Errorf("from lists of goals: got %v, want an empty list", got)
	}
	if !actor.SomethingWithheld(her) || actor.SomethingWithheld(another) {
		t.Error("her page must say that something is withheld, and no other one")
	}
	if actor.Decide(access.Subject{ID: her, Enrolments: []access.Enrolment{{Program: programA, Status: access.Enrolled}}}, access.NoteView).Reason != access.Allowed {
		t.Error("her other notes are closed too")
	}
	actor.Grants = []access.Grant{{Participant: her, Emergency: true}}
	if actor.Withholds(note) || len(actor.Withheld(access.NoteView)) != 0 || actor.SomethingWithheld(her) {
		t.Error("an emergency does not open it")
	}
}

func BenchmarkDecide(b *testing.B) {
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{programA: access.DirectService, programB: access.ProgramManager}, Policy: access.Policy{Tier: access.Safeguarded}}
	for range 20 {
		actor.Closed = append(actor.Closed, access.Closed{Participant: uuid.New(), Kind: access.NotesKind})
	}
	subject := access.Subject{ID: her, Enrolments: []access.Enrolment{{Program: programA, Status: access.Enrolled}, {Program: programB, Status: access.Enrolled}}}
	for b.Loop() {
		if actor.Decide(subject, access.NoteView).Reason != access.Allowed {
			b.Fatal("not allowed")
		}
	}
}
