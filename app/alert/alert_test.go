package alert

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/keyring"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestAnAlertStandsAtTheTopForThoseOfItsProgram(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.alert(m.worker)
	both := m.person("Both", m.housing, access.FrontDesk)
	both.Roles[m.shelter] = access.DirectService

	for _, test := range []struct {
		name string
		by   access.Actor
		sees bool
	}{
		{"its author", m.worker, true},
		{"a colleague", m.colleague, true},
		{"a manager", m.manager, true},
		{"the front desk", m.person("Front", m.housing, access.FrontDesk), false},
		{"an advocate of her other program", m.person("Advocate", m.shelter, access.DirectService), false},
		{"front desk there, advocate elsewhere", both, false},
	} {
		if got := strings.Contains(m.banner(test.by), danger); got != test.sees {
			t.Errorf("%s sees the banner: got %v, want %v", test.name, got, test.sees)
		}
		text, err := m.show(test.by, id)
		if got := strings.Contains(text, danger); got != test.sees {
			t.Errorf("%s opens the alert: got %v (%v), want %v", test.name, got, err, test.sees)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: the refusal tells that there is an alert: %v", test.name, err)
		}
		response, err := m.handlers.List(m.request(test.by, http.MethodGet, "/alerts", nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(m.text(response.Body), "Her brother"); got != test.sees {
			t.Errorf("%s is shown it in the list: got %v, want %v", test.name, got, test.sees)
		}
	}
}

// Whoever reached the person through nothing but an enrolment that was never meant does
// not meet her alerts either.
func TestAnAlertOfSomebodyWhoIsNotReachedDoesNotExist(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	gone := m.participant("Gone", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Cancelled})
	past := Past{Alert: Alert{ID: tenancy.NewID(), Participant: gone, Program: m.housing, Author: m.worker.Staff, Text: danger, Status: Active, CreatedAt: noon},
		Recommendations: []Recommendation{{ID: tenancy.NewID(), By: m.colleague.Staff, Assessment: "Over.", Standing: Pending, CreatedAt: noon}}}
	m.update(func(tx *tenancy.Tx) error { return Bulk(t.Context(), tx, []Past{past}) })
	if _, err := m.show(m.manager, past.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v, want not found", err)
	}
	if got := m.queue(m.manager); len(got) != 0 {
		t.Errorf("it waits in the queue: %v", got)
	}
	response, err := m.handlers.List(m.request(m.manager, http.MethodGet, "/alerts", nil))
	if err != nil {
		t.Fatal(err)
	}
	if page := m.text(response.Body); strings.Contains(page, "Her brother") || strings.Contains(page, past.ID.String()) {
		t.Error("it is in the list")
	}
}

func TestItTakesTwoToEndAnAlert(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.alert(m.worker)
	recommendation := m.recommend(m.colleague, id)

	if got := m.queue(m.manager); len(got) != 1 || got[0].Alert != id || !got[0].Yours(m.manager.Staff) || got[0].Participant != m.lea {
		t.Fatalf("the manager's queue: got %+v", got)
	}
	if got := m.queue(m.worker); len(got) != 0 {
		t.Errorf("a worker has a queue: %+v", got)
	}
	if page, _ := m.show(m.manager, id); !strings.Contains(page, "It is your turn") || !strings.Contains(page, "He has moved away.") {
		t.Error("the manager does not see that it is her turn, or why")
	}
	if page, _ := m.show(m.worker, id); !strings.Contains(page, "decides now") {
		t.Error("a worker does not see whose turn it is")
	}

	// Rejected: the alert stays and says why; another recommendation may follow.
	if response, err := m.review(m.manager, id, recommendation, Rejected); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("reject: status %d, %v", response.Status, err)
	}
	if d := m.dossier(id); d.Status != Active || d.Recommendations[0].Standing != Rejected {
		t.Errorf("after a rejection: %+v", d)
	}
	if page, _ := m.show(m.colleague, id); !strings.Contains(page, "Agreed with Léa by phone.") || !strings.Contains(page, "Recommend ending it") {
		t.Error("the worker does not see why, or cannot go on")
	}

	// Approved: it goes from the top and keeps its history.
	recommendation = m.recommend(m.colleague, id)
	if response, err := m.review(m.deputy, id, recommendation, Approved); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("approve: status %d, %v", response.Status, err)
	}
	if d := m.dossier(id); d.Status != Ended || d.EndedBy != m.deputy.Staff || len(d.Recommendations) != 2 {
		t.Errorf("after an approval: %+v", d)
	}
	if m.banner(m.worker) != "" {
		t.Error("an alert that has ended stands at the top")
	}
	if page, _ := m.show(m.worker, id); !strings.Contains(page, danger) || !strings.Contains(page, "Noa agreed") {
		t.Error("its history is gone")
	}
}

// The rule is about the person: a role that changed since does not help.
func TestNobodyDecidesOnHerOwn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	risen := m.colleague
	risen.Roles = map[uuid.UUID]access.Role{m.housing: access.ProgramManager}

	t.Run("who recommended", func(t *testing.T) {
		id := m.alert(m.worker)
		recommendation := m.recommend(m.colleague, id)
		for _, standing := range []Standing{Approved, Rejected} {
			if response, err := m.review(risen, id, recommendation, standing); err != nil || response.Status != http.StatusConflict {
				t.Errorf("%s her own recommendation: status %d, %v", standing, response.Status, err)
			}
		}
		if response, err := m.send(m.handlers.End, risen, id, url.Values{"text": {"I say so."}}); err != nil || response.Status != http.StatusConflict {
			t.Errorf("ends it past her own recommendation: status %d, %v", response.Status, err)
		}
		if got := m.queue(risen); len(got) != 1 || got[0].Yours(risen.Staff) {
			t.Errorf("her queue: got %+v, want it as another manager's", got)
		}
		if d := m.dossier(id); d.Status != Active || d.waiting() == nil {
			t.Errorf("something was changed: %+v", d)
		}
	})

	t.Run("who made it", func(t *testing.T) {
		id := m.alert(m.manager)
		if response, err := m.send(m.handlers.End, m.manager, id, url.Values{"text": {"I say so."}}); err != nil || response.Status != http.StatusConflict || !strings.Contains(m.text(response.Body), "I say so.") {
			t.Errorf("ends her own alert: status %d, %v", response.Status, err)
		}
		recommendation := m.recommend(m.worker, id)
		if response, err := m.review(m.manager, id, recommendation, Approved); err != nil || response.Status != http.StatusConflict {
			t.Errorf("approves the end of her own alert: status %d, %v", response.Status, err)
		}
		if d := m.dossier(id); d.Status != Active || d.waiting() == nil {
			t.Errorf("something was changed: %+v", d)
		}
		if page, _ := m.show(m.manager, id); !strings.Contains(page, "another manager decides") || strings.Contains(page, "/review") || strings.Contains(page, "/end\"") {
			t.Error("her page offers what she cannot do")
		}
		if response, err := m.review(m.deputy, id, recommendation, Approved); err != nil || response.Status != http.StatusSeeOther {
			t.Errorf("another manager: status %d, %v", response.Status, err)
		}
	})
}

func TestAManagerEndsAnAlertThatSomebodyElseMade(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.alert(m.worker)
	for _, by := range []access.Actor{m.worker, m.colleague} {
		if _, err := m.send(m.handlers.End, by, id, url.Values{"text": {"Over."}}); fault.KindOf(err) != fault.Denied {
			t.Errorf("a worker ends it directly: %v", err)
		}
	}
	if _, err := m.send(m.handlers.Recommend, m.manager, id, url.Values{"text": {"Over."}}); fault.KindOf(err) != fault.Denied {
		t.Errorf("a manager recommends: %v", err)
	}
	if response, err := m.send(m.handlers.End, m.manager, id, url.Values{}); err != nil || response.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: status %d, %v", response.Status, err)
	}
	for range 2 { // the second time is the same form again
		if response, err := m.send(m.handlers.End, m.manager, id, url.Values{"text": {"He is in custody."}}); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	if d := m.dossier(id); d.Status != Ended || d.EndReason != "He is in custody." {
		t.Errorf("got %+v", d)
	}
	if response, err := m.send(m.handlers.End, m.deputy, id, url.Values{"text": {"Mine too."}}); err != nil || response.Status != http.StatusConflict || !strings.Contains(m.text(response.Body), "Mine too.") {
		t.Errorf("ended a second time: status %d, %v", response.Status, err)
	}
	if response, err := m.send(m.handlers.Recommend, m.worker, id, url.Values{"text": {"I was writing."}}); err != nil || response.Status != http.StatusConflict || !strings.Contains(m.text(response.Body), "I was writing.") {
		t.Errorf("recommended after the end: status %d, %v", response.Status, err)
	}
}

// Two managers decide at once, and two workers recommend at once: one of each succeeds,
// the other one is told and keeps her words.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	for range 4 {
		id := m.alert(m.worker)
		made := []uuid.UUID{tenancy.NewID(), tenancy.NewID()}
		statuses := m.race(
			func() (int, error) {
				response, err := m.send(m.handlers.Recommend, m.worker, id, url.Values{"id": {made[0].String()}, "text": {"First."}})
				return response.Status, err
			},
			func() (int, error) {
				response, err := m.send(m.handlers.Recommend, m.colleague, id, url.Values{"id": {made[1].String()}, "text": {"Second."}})
				return response.Status, err
			})
		if slices.Sort(statuses); !slices.Equal(statuses, []int{303, 409}) {
			t.Fatalf("two recommend at once: got %v, want 303 and 409", statuses)
		}
		waiting := m.dossier(id).waiting().ID
		statuses = m.race(
			func() (int, error) {
				response, err := m.review(m.manager, id, waiting, Approved)
				return response.Status, err
			},
			func() (int, error) {
				response, err := m.review(m.deputy, id, waiting, Rejected)
				return response.Status, err
			})
		if slices.Sort(statuses); !slices.Equal(statuses, []int{303, 409}) {
			t.Fatalf("two decide at once: got %v, want 303 and 409", statuses)
		}
		d := m.dossier(id)
		if approved := d.Recommendations[0].Standing == Approved; approved != (d.Status == Ended) {
			t.Errorf("the alert and the decision do not agree: %+v", d)
		}
	}
}

func (m *world) race(acts ...func() (int, error)) []int {
	statuses := make([]int, len(acts))
	var wg sync.WaitGroup
	for i, act := range acts {
		wg.Go(func() {
			status, err := act()
			if err != nil {
				m.t.Error(err)
			}
			statuses[i] = status
		})
	}
	wg.Wait()
	return statuses
}

func TestAFormThatIsSentTwiceIsOne(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.alert(m.worker)
	form := url.Values{"id": {id.String()}, "text": {danger}}
	if response, err := m.make(m.worker, form); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("again: status %d, %v", response.Status, err)
	}
	if _, err := m.make(m.colleague, form); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a colleague with the same id: %v", err)
	}
	form.Set("text", "Other words.")
	if response, err := m.make(m.worker, form); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("with other words: status %d, %v", response.Status, err)
	}
	recommendation := tenancy.NewID()
	for range 2 {
		if response, err := m.send(m.handlers.Recommend, m.worker, id, url.Values{"id": {recommendation.String()}, "text": {"Over."}}); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("recommend: status %d, %v", response.Status, err)
		}
	}
	for range 2 {
		if response, err := m.review(m.manager, id, recommendation, Approved); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("approve: status %d, %v", response.Status, err)
		}
	}
	var alerts, recommendations int
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM agency.alerts), (SELECT count(*) FROM agency.alert_recommendations)`).Scan(&alerts, &recommendations)
	})
	if alerts != 2 || recommendations != 1 {
		t.Errorf("got %d alerts and %d recommendations, want 2 and 1", alerts, recommendations)
	}
}

func TestTheDatabaseHoldsTheRuleOfTwo(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	own, other := m.alert(m.manager), m.alert(m.worker)
	ended := m.alert(m.worker)
	if _, err := m.send(m.handlers.End, m.manager, ended, url.Values{"text": {"Over."}}); err != nil {
		t.Fatal(err)
	}
	waitingOwn, waitingOther := m.recommend(m.worker, own), m.recommend(m.colleague, other)

	for _, test := range []struct {
		name, sql, want string
		args            []any
	}{
		{"the author ends it", `UPDATE agency.alerts SET status = 'cancelled', cancelled_at = now(), cancelled_by = author_id WHERE id = $1`, "alerts_check", []any{own}},
		{"nobody ends it", `UPDATE agency.alerts SET status = 'cancelled', cancelled_at = now() WHERE id = $1`, "alerts_check", []any{own}},
		{"the author approves", `UPDATE agency.alert_recommendations SET status = 'approved', reviewed_by = $2, review_sealed = 'x', reviewed_at = now() WHERE id = $1`, "whoever made an alert", []any{waitingOwn, m.manager.Staff}},
		{"who recommended approves", `UPDATE agency.alert_recommendations SET status = 'approved', reviewed_by = recommended_by, review_sealed = 'x', reviewed_at = now() WHERE id = $1`, "alert_recommendations_check", []any{waitingOther}},
		{"approved without words", `UPDATE agency.alert_recommendations SET status = 'approved', reviewed_by = $2, reviewed_at = now() WHERE id = $1`, "alert_recommendations_check", []any{waitingOther, m.manager.Staff}},
		{"approved, and the alert stays", `UPDATE agency.alert_recommendations SET status = 'approved', reviewed_by = $2, review_sealed = 'x', reviewed_at = now() WHERE id = $1`, "do not agree", []any{waitingOther, m.manager.Staff}},
		{"ended past a recommendation", `UPDATE agency.alerts SET status = 'cancelled', cancelled_at = now(), cancelled_by = $2 WHERE id = $1`, "do not agree", []any{other, m.manager.Staff}},
		{"active again", `UPDATE agency.alerts SET status = 'active', cancelled_at = NULL, cancelled_by = NULL WHERE id = $1`, "has ended", []any{ended}},
		{"recommended after the end", `INSERT INTO agency.alert_recommendations (id, alert_id, recommended_by, assessment_sealed) VALUES (gen_random_uuid(), $1, $2, 'x')`, "do not agree", []any{ended, m.worker.Staff}},
		{"a second recommendation", `INSERT INTO agency.alert_recommendations (id, alert_id, recommended_by, assessment_sealed) VALUES (gen_random_uuid(), $1, $2, 'x')`, "alert_recommendations_pending", []any{other, m.worker.Staff}},
		{"other words", `UPDATE agency.alerts SET content_sealed = 'x' WHERE id = $1`, "permission denied", []any{other}},
		{"another assessment", `UPDATE agency.alert_recommendations SET assessment_sealed = 'x' WHERE id = $1`, "permission denied", []any{waitingOther}},
		{"another author", `UPDATE agency.alerts SET author_id = $2 WHERE id = $1`, "permission denied", []any{own, m.worker.Staff}},
		{"gone", `DELETE FROM agency.alerts WHERE id = $1`, "permission denied", []any{ended}},
	} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), test.sql, test.args...)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	if response, err := m.review(m.manager, other, waitingOther, Rejected); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("reject: status %d, %v", response.Status, err)
	}
	err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.alert_recommendations SET status = 'pending', reviewed_by = NULL, review_sealed = NULL, reviewed_at = NULL WHERE id = $1`, waitingOther)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "is decided") {
		t.Errorf("undecided again: %v", err)
	}
}

func TestWordsAreSealed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.alert(m.worker)
	recommendation := m.recommend(m.colleague, id)
	if _, err := m.review(m.manager, id, recommendation, Rejected); err != nil {
		t.Fatal(err)
	}
	if _, err := m.send(m.handlers.End, m.deputy, id, url.Values{"text": {"He is in custody."}}); err != nil {
		t.Fatal(err)
	}
	m.update(func(tx *tenancy.Tx) error {
		var rows string
		if err := tx.QueryRow(t.Context(), `SELECT concat_ws(' ', encode(a.content_sealed, 'escape'), encode(a.cancel_reason_sealed, 'escape'),
			encode(r.assessment_sealed, 'escape'), encode(r.review_sealed, 'escape'))
			FROM agency.alerts a JOIN agency.alert_recommendations r ON r.alert_id = a.id`).Scan(&rows); err != nil {
			return err
		}
		for _, word := range []string{"brother", "moved", "phone", "custody"} {
			if strings.Contains(rows, word) {
				t.Errorf("the rows hold %q", word)
			}
		}
		var sealed keyring.Sealed
		if err := tx.QueryRow(t.Context(), `SELECT content_sealed FROM agency.alerts`).Scan(&sealed); err != nil {
			return err
		}
		if _, err := tx.Box().Open(colContent, uuid.New(), sealed); err == nil {
			t.Error("the words open in another row")
		}
		if _, err := tx.Box().Open(colReason, id, sealed); err == nil {
			t.Error("the words open in another column")
		}
		return nil
	})
}

func TestWhatAFormNeeds(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	both := m.person("Both", m.housing, access.DirectService)
	both.Roles[m.shelter] = access.DirectService
	for _, test := range []struct {
		name  string
		by    access.Actor
		form  url.Values
		field string
	}{
		{"no words", m.worker, url.Values{}, "#text"},
		{"too many", m.worker, url.Values{"text": {strings.Repeat("é", maxText+1)}}, "#text"},
		{"no program among two", both, url.Values{"text": {danger}}, "#program"},
		{"a program that is not hers", both, url.Values{"text": {danger}, "program": {uuid.NewString()}}, "#program"},
	} {
		response, err := m.make(test.by, test.form)
		if err != nil || response.Status != http.StatusUnprocessableEntity || !strings.Contains(m.text(response.Body), `href="`+test.field+`"`) {
			t.Errorf("%s: status %d, %v", test.name, response.Status, err)
		}
	}
	if _, err := m.make(m.person("Front", m.housing, access.FrontDesk), url.Values{"text": {danger}}); fault.KindOf(err) != fault.Denied {
		t.Errorf("the front desk: %v", err)
	}
	if response, err := m.make(both, url.Values{"text": {"Only in the shelter."}, "program": {m.shelter.String()}}); err != nil || response.Status != http.StatusSeeOther {
		t.Errorf("status %d, %v", response.Status, err)
	}
	if strings.Contains(m.banner(m.manager), "Only in the shelter.") {
		t.Error("an alert of the confidential program is shown in Housing")
	}
}

func TestEveryActIsRecorded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.alert(m.worker)
	recommendation := m.recommend(m.colleague, id)
	for range 2 { // the second is the same form again
		if _, err := m.review(m.manager, id, recommendation, Rejected); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.show(m.worker, id); err != nil {
		t.Fatal(err)
	}
	if _, err := m.send(m.handlers.End, m.deputy, id, url.Values{"text": {"He is in custody."}}); err != nil {
		t.Fatal(err)
	}
	names, sealed := m.acts()
	got := slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "alert.") })
	if want := []string{"alert.create", "alert.recommend", "alert.reject", "alert.view", "alert.cancel"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, want := range []string{danger, "He has moved away.", `"status":"pending"`, `"status":"rejected"`, "Agreed with Léa by phone.", `"status":"active"`, `"status":"cancelled"`, "He is in custody."} {
		if !strings.Contains(sealed, want) {
			t.Errorf("the sealed values lack %q", want)
		}
	}
}
