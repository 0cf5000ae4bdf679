package access_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
)

// The page is written for people; the matrix has to say the same.
func TestMatrixSaysWhatThePageSays(t *testing.T) {
	t.Parallel()
	page := readPage(t)
	if len(page) != len(access.Matrix) {
		t.Errorf("the page has %d keys, the matrix %d", len(page), len(access.Matrix))
	}
	for _, rule := range access.Matrix {
		want, ok := page[rule.Key]
		if !ok {
			t.Errorf("%s is not on the page", rule.Key)
			continue
		}
		for i, role := range access.Roles {
			if got := access.LevelOf(rule.Key, role).String(); got != want[i] {
				t.Errorf("%s for %s: got %s, want %s", rule.Key, role, got, want[i])
			}
		}
	}
}

func readPage(t *testing.T) map[access.Key][]string {
	t.Helper()
	file, err := os.Open("../../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	page := map[access.Key][]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		cells := strings.Split(strings.Trim(lines.Text(), "| "), " | ")
		if len(cells) == 5 && strings.Contains(cells[0], ".") {
			page[access.Key(cells[0])] = cells[1:]
		}
	}
	return page
}

func TestNothingUnknownIsAllowed(t *testing.T) {
	t.Parallel()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{uuid.New(): access.ProgramManager, uuid.New(): "owner"}}
	if actor.May("participant.sell") {
		t.Error("a key that the matrix does not have is allowed")
	}
	if level := access.LevelOf(access.NoteView, "owner"); level != access.Deny {
		t.Errorf("a role that does not exist: got %s, want deny", level)
	}
}

func TestAdministratorsReachNobody(t *testing.T) {
	t.Parallel()
	program := uuid.New()
	actor := access.Actor{Admin: true}
	for _, rule := range access.Matrix {
		if actor.May(rule.Key) {
			t.Errorf("an administrator without a role may %s", rule.Key)
		}
		if through := actor.Reaches(access.Subject{Enrolments: []access.Enrolment{{Program: program, Status: access.Enrolled}}}, rule.Key); len(through) > 0 {
			t.Errorf("an administrator reaches a participant with %s", rule.Key)
		}
	}
}

// An executive in one program who works in another is just that in the other: neither
// role swallows the other (defect D4 of the existing KoNote).
func TestRolesDoNotMix(t *testing.T) {
	t.Parallel()
	overseen, worked := uuid.New(), uuid.New()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{overseen: access.Executive, worked: access.DirectService}}
	in := func(program uuid.UUID) []uuid.UUID {
		return actor.Reaches(access.Subject{Enrolments: []access.Enrolment{{Program: program, Status: access.Enrolled}}}, access.NoteView)
	}
	if got := in(overseen); len(got) != 0 {
		t.Errorf("reaches a participant of the program that she oversees: %v", got)
	}
	if got := in(worked); !slices.Equal(got, []uuid.UUID{worked}) {
		t.Errorf("got %v, want the program she works in", got)
	}
	if got := actor.Programs(access.NoteView); !slices.Equal(got, []uuid.UUID{worked}) {
		t.Errorf("lists notes of %v, want of the program she works in", got)
	}
}

func TestAnEnrolmentOpensTheRecordUnlessCancelled(t *testing.T) {
	t.Parallel()
	program := uuid.New()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{program: access.DirectService}}
	for status, want := range map[access.EnrolmentStatus]bool{
		access.Planned: true, access.Waitlist: true, access.Enrolled: true, access.OnHold: true, access.Finished: true,
		access.Cancelled: false, "": false, "unheard_of": false,
	} {
		through := actor.Reaches(access.Subject{Enrolments: []access.Enrolment{{Program: program, Status: status}}}, access.ParticipantViewName)
		if got := len(through) > 0; got != want {
			t.Errorf("%q: got %v, want %v", status, got, want)
		}
	}
}

func TestFieldsOfTheFrontDesk(t *testing.T) {
	t.Parallel()
	desk, service, managed := uuid.New(), uuid.New(), uuid.New()
	actor := access.Actor{Roles: map[uuid.UUID]access.Role{desk: access.FrontDesk, service: access.DirectService, managed: access.ProgramManager}}
	for _, test := range []struct {
		name    string
		through []uuid.UUID
		field   access.Field
		want    access.FieldLevel
	}{
		{"the front desk does not see birth dates", []uuid.UUID{desk}, access.FieldBirthDate, access.FieldHidden},
		{"the front desk keeps phone numbers", []uuid.UUID{desk}, access.FieldPhone, access.FieldEdit},
		{"an unknown field is hidden from it", []uuid.UUID{desk}, "diagnosis", access.FieldHidden},
		{"direct service edits", []uuid.UUID{service}, access.FieldBirthDate, access.FieldEdit},
		{"a manager sees contact fields and does not edit them", []uuid.UUID{managed}, access.FieldPhone, access.FieldView},
		{"the best of two roles counts", []uuid.UUID{desk, service}, access.FieldBirthDate, access.FieldEdit},
		{"through nothing nothing is seen", nil, access.FieldPhone, access.FieldHidden},
		{"a program without a role gives nothing", []uuid.UUID{uuid.New()}, access.FieldPhone, access.FieldHidden},
	} {
		if got := actor.FieldOf(test.through, test.field, false); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
