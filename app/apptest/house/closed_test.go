package house

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"konote/tenancy/tenancytest"
)

// What participants have closed to somebody does not exist for her: no statement about many
// people, or many of their records, may forget it. One that is limited to programs says
// itself who and what is left out (access.Actor.Withheld), unless it is about one
// participant, who was reached; and one that lists records which can be closed one by one
// says it in any case. The others are here, each with its reason.
var closedElsewhere = map[string]string{
	"bench.sqlEnrolled":   "the bench measures and shows nobody anything",
	"caseload.sqlWritten": "asks about people whose enrolments participant.Locked has let through",
}

var (
	// Tables of people and of what is told about them.
	aboutPeople = regexp.MustCompile(`\b(FROM|JOIN) agency\.(participants|enrolments|enrolment_changes|notes|note_targets|note_addenda|metric_values|plan_sections|targets|target_metrics|events|contacts|messages|alerts|alert_recommendations|group_members|group_attendance|circles|circle_members|consents)\b`)
	// Of these, records that can be closed one by one.
	closable = regexp.MustCompile(`\b(FROM|JOIN) agency\.(notes|note_targets|note_addenda|metric_values|targets|events|contacts)\b`)

	inPrograms = regexp.MustCompile(`program_id = (ANY\()?\$`)
	ofOne      = regexp.MustCompile(`\bparticipant_id = (ANY\()?\$`)
	leavesOut  = regexp.MustCompile(`<> ALL\(\$|\bagency\.directives\b`)
)

func TestStatementsAboutManyLeaveOutWhatIsClosed(t *testing.T) {
	t.Parallel()
	rooms, err := filepath.Glob(filepath.Join("..", "..", "..", "app", "*"))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, room := range rooms {
		if stores, _ := filepath.Glob(filepath.Join(room, "store*.go")); len(stores) == 0 {
			continue
		}
		statements, err := tenancytest.Statements(room)
		if err != nil {
			continue // a room without a statement of its own
		}
		for name, sql := range statements {
			name = filepath.Base(room) + "." + name
			if !forgetsWhatIsClosed(sql) {
				continue
			}
			used[name] = true
			if _, stated := closedElsewhere[name]; !stated {
				t.Errorf("%s shows what may be closed to the reader: leave it out with <> ALL($n) and access.Actor.Withheld, or say in closedElsewhere why not\n%s", name, sql)
			}
		}
	}
	for name, reason := range closedElsewhere {
		if !used[name] {
			t.Errorf("%s (%s) is no exception any more: take it out of closedElsewhere", name, reason)
		}
	}
}

// The rule itself: what it lets through and what it does not.
func TestAForgottenStatementIsSeen(t *testing.T) {
	t.Parallel()
	for sql, forgets := range map[string]bool{
		`SELECT id FROM agency.notes WHERE program_id = ANY($1)`:                                                 true,
		`SELECT id FROM agency.notes WHERE program_id = ANY($1) AND participant_id <> ALL($2)`:                   false,
		`SELECT id FROM agency.notes WHERE participant_id = $1 AND program_id = ANY($2)`:                         true,
		`SELECT id FROM agency.alerts WHERE participant_id = $1 AND program_id = ANY($2)`:                        false,
		`SELECT count(*) FROM agency.alerts a WHERE a.program_id = $1`:                                           true,
		`SELECT name_en FROM agency.programs p JOIN agency.program_roles r ON true WHERE r.program_id = ANY($1)`: false,
	} {
		if got := forgetsWhatIsClosed(sql); got != forgets {
			t.Errorf("forgetsWhatIsClosed(%q) = %v, want %v", sql, got, forgets)
		}
	}
}

// forgetsWhatIsClosed says whether a statement reads about people in programs, and leaves
// nothing out.
func forgetsWhatIsClosed(sql string) bool {
	if strings.HasPrefix(strings.TrimSpace(sql), "INSERT") || !aboutPeople.MatchString(sql) || leavesOut.MatchString(sql) || !inPrograms.MatchString(sql) {
		return false
	}
	return closable.MatchString(sql) || !ofOne.MatchString(sql)
}
