package event

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/tenancy"
)

var address = regexp.MustCompile(`https://[^<"]+/calendar/([A-Za-z0-9_-]{43})\.ics`)

// subscribe makes a feed and returns its token.
func (m *world) subscribe(t *testing.T, by access.Actor) string {
	t.Helper()
	response, err := m.handlers.FeedMake(m.request(by, "POST", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	found := address.FindStringSubmatch(m.text(response))
	if found == nil {
		t.Fatalf("the page does not show the address: %s", m.text(response))
	}
	return found[1]
}

func (m *world) feed(token string) (string, error) {
	m.t.Helper()
	response, err := m.handlers.Feed(m.request(access.Actor{}, "GET", "/", nil, "token", token+".ics"))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := response.Stream(&out); err != nil {
		m.t.Fatal(err)
	}
	return out.String(), nil
}

func TestAFeedShowsInitialsRecordAndTimeAndNothingElse(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	response, err := m.meet(worker, func(v url.Values) { v.Set("title", "Custody"); v.Set("description", "Bring the papers.") })
	e := m.made(t, response, err)
	token := m.subscribe(t, worker)
	got, err := m.feed(token)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\r\nSUMMARY:L.T. R-Léa\r\n", "\r\nDTSTART:20260212T190500Z\r\nDTEND:20260212T195000Z\r\n", "\r\nSTATUS:CONFIRMED\r\n", "\r\nSEQUENCE:0\r\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the feed lacks %q: %s", want, got)
		}
	}
	for _, telling := range []string{"Tremblay", "Custody", "papers", "LOCATION", "Room 4", "Youth", "Sam", m.lea.String(), e.ID.String()} {
		if strings.Contains(got, telling) {
			t.Errorf("the feed tells %q", telling)
		}
	}
	if response, err := m.handlers.FeedShow(m.request(worker, "GET", "/", nil)); err != nil || strings.Contains(m.text(response), token) || !strings.Contains(m.text(response), "Last read") {
		t.Errorf("the page shows the address a second time, or not that it was read (%v)", err)
	}
	m.update(func(tx *tenancy.Tx) error {
		var kept []byte
		err := tx.QueryRow(t.Context(), `SELECT token_hash FROM agency.calendar_feeds`).Scan(&kept)
		if len(kept) != 32 || strings.Contains(string(kept), token) {
			t.Errorf("kept is %s", hex.EncodeToString(kept))
		}
		return err
	})
}

func TestAFeedEndsWithWhatItRestsOn(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*world, access.Actor, string){
		"revoked": func(m *world, by access.Actor, _ string) {
			if _, err := m.handlers.FeedRevoke(m.request(by, "POST", "/", nil)); err != nil {
				m.t.Fatal(err)
			}
		},
		"renewed": func(m *world, by access.Actor, token string) {
			if fresh := m.subscribe(m.t, by); fresh == token {
				m.t.Error("the address is the same")
			} else if _, err := m.feed(fresh); err != nil {
				m.t.Errorf("the new address: %v", err)
			}
		},
		"deactivated": func(m *world, by access.Actor, _ string) {
			m.exec(`UPDATE agency.staff SET status = 'deactivated' WHERE id = $1`, by.Staff)
		},
		"signed out everywhere": func(m *world, by access.Actor, _ string) {
			m.exec(`UPDATE agency.staff SET sessions_from = (SELECT created_at FROM agency.calendar_feeds WHERE staff_id = id) + interval '1 second' WHERE id = $1`, by.Staff)
		},
		"no role any more": func(m *world, by access.Actor, _ string) {
			m.exec(`UPDATE agency.program_roles SET status = 'removed', removed_at = now() WHERE staff_id = $1`, by.Staff)
		},
		"front desk now": func(m *world, by access.Actor, _ string) {
			m.exec(`UPDATE agency.program_roles SET role = 'front_desk' WHERE staff_id = $1`, by.Staff)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newWorld(t)
			worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
			token := m.subscribe(t, worker)
			if _, err := m.feed(token); err != nil {
				t.Fatal(err)
			}
			end(m, worker, token)
			if _, err := m.feed(token); fault.KindOf(err) != fault.NotFound {
				t.Errorf("got %v, want not found", err)
			}
		})
	}
}

func TestAFeedShowsWhatItsOwnerMaySeeAtThatMoment(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	other := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for _, by := range []access.Actor{worker, other} {
		response, err := m.meet(by, func(v url.Values) { v.Set("program", m.youth.String()) })
		m.made(t, response, err)
	}
	token := m.subscribe(t, worker)
	count := func() int {
		t.Helper()
		got, err := m.feed(token)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(got, "BEGIN:VEVENT")
	}
	if got := count(); got != 1 {
		t.Errorf("got %d meetings, want her own", got)
	}
	m.exec(`UPDATE agency.program_roles SET status = 'removed', removed_at = now() WHERE staff_id = $1 AND program_id = $2`, worker.Staff, m.youth)
	if got := count(); got != 0 {
		t.Errorf("%d meetings of a program that she has left", got)
	}
	for _, wrong := range []string{"", token[:42], token + "A", strings.ToLower(token), uuid.NewString()} {
		if _, err := m.feed(wrong); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v, want not found", wrong, err)
		}
	}
	if _, err := m.handlers.Feed(m.request(access.Actor{}, "GET", "/", nil, "token", token)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("without .ics: got %v", err)
	}
}

// An outside calendar has nothing of a confidential program beside what others have.
func TestAFeedKeepsConfidentialProgramsApart(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.exec(`UPDATE agency.programs SET is_confidential = true WHERE id = $1`, m.youth)
	both := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	alone := m.worker("Kim Roy", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for by, want := range map[*access.Actor]int{&both: 0, &alone: 1} {
		response, err := m.meet(*by, func(v url.Values) { v.Set("program", m.youth.String()) })
		m.made(t, response, err)
		got, err := m.feed(m.subscribe(t, *by))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(got, "BEGIN:VEVENT"); n != want {
			t.Errorf("with %d roles the feed has %d meetings, want %d", len(by.Roles), n, want)
		}
	}
}

func TestAFeedIsReadSixtyTimesAnHour(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker("Sam Ouellet", map[uuid.UUID]access.Role{m.youth: access.DirectService})
	token := m.subscribe(t, worker)
	for i := range 60 {
		if _, err := m.feed(token); err != nil {
			t.Fatalf("time %d: %v", i+1, err)
		}
	}
	if _, err := m.feed(token); fault.KindOf(err) != fault.Limited {
		t.Errorf("the 61st time: got %v, want limited", err)
	}
	m.at(noon.Add(2 * time.Minute))
	if _, err := m.feed(token); err != nil {
		t.Errorf("two minutes later: %v", err)
	}
}

func TestACalendarIsWrittenAsTheStandardHasIt(t *testing.T) {
	t.Parallel()
	starts := time.Date(2026, 2, 12, 14, 5, 0, 0, time.FixedZone("", -5*3600))
	m := feedMeeting{ID: tenancy.NewID(), StartsAt: starts, EndsAt: starts.Add(time.Hour), UpdatedAt: starts, Version: 3, Cancelled: true,
		Initials: "É.T.", RecordID: "A;1,2;\r\nporte \\ gauche\nBEGIN:VALARM\x00" + strings.Repeat("éé ", 60)}
	text := calendar("cedar.example", []feedMeeting{m})
	if text != calendar("cedar.example", []feedMeeting{m}) {
		t.Error("the same meeting is written in two ways")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n\x00") || !utf8.ValidString(line) {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"\r\nDTSTART:20260212T190500Z\r\n", "\r\nSTATUS:CANCELLED\r\n", "\r\nSEQUENCE:2\r\n",
		`SUMMARY:É.T. A\;1\,2\;\nporte \\ gauche\nBEGIN:VALARM` + strings.TrimSpace(strings.Repeat("éé ", 60)) + "\r\n", "@cedar.example\r\n"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the calendar lacks %q: %s", want, whole)
		}
	}
	if strings.Contains(whole, "\r\nBEGIN:VALARM") || strings.Contains(whole, m.ID.String()) {
		t.Error("a record number became a part of the calendar, or the id is told")
	}
	if !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") || !strings.HasSuffix(text, "END:VEVENT\r\nEND:VCALENDAR\r\n") {
		t.Errorf("got %q", text)
	}
}

func FuzzALineUnfoldsToItself(f *testing.F) {
	f.Add("É.T. 4711")
	f.Add(strings.Repeat("é", 100) + "\n;,\\")
	f.Fuzz(func(t *testing.T, value string) {
		var w icalWriter
		w.text("SUMMARY", value)
		for line := range strings.SplitSeq(strings.TrimSuffix(w.b.String(), "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("got %q", line)
			}
		}
	})
}
