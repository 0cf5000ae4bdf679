package circle

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
	"konote/app/web"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestStatementsAreValid(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

// What each viewer is told of each circle, wherever circles are shown.
func TestACircleIsHiddenWhenTooLittleOfItIsSeen(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	hidden := m.participant("Hidden", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled})
	gone := m.participant("Gone", map[uuid.UUID]access.EnrolmentStatus{m.housing: access.Cancelled})
	of := func(ids ...uuid.UUID) (members []Member) {
		for _, id := range ids {
			members = append(members, Member{Participant: id, Relationship: "Kin of " + id.String()[30:]})
		}
		return members
	}
	tom := Member{Name: "Tom Baker", Relationship: "The uncle"}
	circles := map[string]uuid.UUID{
		"two in Housing":              m.circle(m.housing, "Two in Housing", of(m.lea, m.max)...),
		"one and a name":              m.circle(m.housing, "One and a name", append(of(m.max), tom)...),
		"one and somebody hidden":     m.circle(m.housing, "One and hidden", of(m.lea, hidden)...),
		"two and somebody hidden":     m.circle(m.housing, "Two and hidden", append(of(m.lea, m.max), of(hidden)...)...),
		"of the confidential program": m.circle(m.shelter, "Of the shelter", append(of(m.lea, m.max, hidden), tom)...),
		"names alone":                 m.circle(m.housing, "Names alone", tom, Member{Name: "Ann Baker"}),
		"one and one never meant":     m.circle(m.housing, "Never meant", of(m.max, gone)...),
	}
	advocate, both := m.advocate(), m.both()
	mixed := m.person("Mixed", m.housing, access.FrontDesk)
	mixed.Roles[m.shelter] = access.DirectService
	for _, test := range []struct {
		name string
		by   access.Actor
		sees []string
	}{
		{"a worker", m.worker, []string{"two in Housing", "one and a name", "two and somebody hidden"}},
		{"a manager", m.manager, []string{"two in Housing", "one and a name", "two and somebody hidden"}},
		{"an advocate of the confidential program", advocate, []string{"one and somebody hidden", "two and somebody hidden", "of the confidential program"}},
		{"a worker in both", both, []string{"two in Housing", "one and a name", "one and somebody hidden", "two and somebody hidden", "of the confidential program"}},
		{"the front desk", m.front, nil},
		{"front desk there, advocate here", mixed, []string{"one and somebody hidden", "two and somebody hidden", "of the confidential program"}},
	} {
		list := m.list(test.by)
		picker := append(m.options(test.by, m.lea), m.options(test.by, m.max)...)
		for name, id := range circles {
			want := slices.Contains(test.sees, name)
			_, err := m.show(test.by, id)
			if got := err == nil; got != want {
				t.Errorf("%s opens %q: got %v (%v), want %v", test.name, name, got, err, want)
			}
			if err != nil && fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: the refusal tells that there is a circle: %v", test.name, err)
			}
			if got := strings.Contains(list, id.String()); got != want {
				t.Errorf("%s is listed %q: got %v, want %v", test.name, name, got, want)
			}
		}
		if shelter := slices.Contains(picker, "Of the shelter"); shelter != slices.Contains(test.sees, "of the confidential program") {
			t.Errorf("%s may choose the confidential circle: %v", test.name, shelter)
		}
	}
	page, err := m.show(m.worker, circles["two and somebody hidden"])
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Hidden", hidden.String(), hidden.String()[30:]} {
		if strings.Contains(page, word) || strings.Contains(m.list(m.worker), word) {
			t.Errorf("a worker is told %q of somebody whom she does not reach", word)
		}
	}
	if got := m.options(m.worker, hidden); len(got) != 0 {
		t.Errorf("the circles of somebody hidden: got %v", got)
	}
	if got := m.options(m.worker, m.lea); !slices.Equal(got, []string{"Two in Housing", "Two and hidden"}) {
		t.Errorf("Léa's circles: got %v", got)
	}
}

// create sends the form of a new circle.
func (m *world) create(by access.Actor, form url.Values) (web.Response, error) {
	m.t.Helper()
	return m.handlers.Create(m.request(by, http.MethodPost, "/circles", form))
}

func TestMakingACircle(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	hidden := m.participant("Hidden", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled})
	id := tenancy.NewID()
	form := func(change func(url.Values)) url.Values {
		v := url.Values{"id": {id.String()}, "name": {"The Tremblays"}, "person": {m.lea.String()}, "relationship-" + m.lea.String(): {"mother"},
			"name-1": {"Tom Baker"}, "relationship-1": {"neighbour who drives"}}
		if change != nil {
			change(v)
		}
		return v
	}
	for range 2 { // sent twice
		if response, err := m.create(m.worker, form(nil)); err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	page, err := m.show(m.worker, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The Tremblays", "Léa Tremblay", "mother", "Tom Baker", "neighbour who drives"} {
		if strings.Count(page, want) == 0 {
			t.Errorf("the circle's page lacks %q", want)
		}
	}
	var members int
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM agency.circle_members`).Scan(&members)
	})
	if members != 2 {
		t.Errorf("got %d members, want 2", members)
	}

	both := m.both()
	for _, test := range []struct {
		name   string
		by     access.Actor
		change func(url.Values)
		field  string
	}{
		{"no name", m.worker, func(v url.Values) { v.Set("name", "") }, "name"},
		{"one person", m.worker, func(v url.Values) { v.Set("name-1", ""); v.Set("relationship-1", "") }, "look"},
		{"names alone", m.worker, func(v url.Values) { v.Del("person"); v.Set("name-2", "Ann") }, "look"},
		{"a relationship of nobody", m.worker, func(v url.Values) { v.Set("relationship-2", "aunt") }, "name-2"},
		{"somebody whom she does not reach", m.worker, func(v url.Values) { v["person"] = []string{hidden.String()} }, "look"},
		{"no program among two", both, nil, "program"},
		{"known through the shelter alone, kept in Housing", both, func(v url.Values) {
			v["person"] = append(v["person"], hidden.String())
			v.Set("program", m.housing.String())
		}, "program"},
	} {
		change := test.change
		response, err := m.create(test.by, form(func(v url.Values) {
			v.Set("id", tenancy.NewID().String())
			if change != nil {
				change(v)
			}
		}))
		if err != nil || response.Status != http.StatusUnprocessableEntity || !strings.Contains(m.text(response.Body), `href="#`+test.field+`"`) {
			t.Errorf("%s: status %d, %v", test.name, response.Status, err)
		}
	}
	kept := tenancy.NewID()
	response, err := m.create(both, form(func(v url.Values) {
		v.Set("id", kept.String())
		v["person"] = append(v["person"], hidden.String())
		v.Set("program", m.shelter.String())
		v.Set("other-1", tenancy.NewID().String())
	}))
	if err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("kept in the shelter: status %d, %v", response.Status, err)
	}
	if _, err := m.show(m.worker, kept); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a worker of Housing opens it: %v", err)
	}
}

func TestLookingForSomebodyOffersOnlyWhomOneReaches(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.participant("Hidden", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled})
	response, err := m.create(m.worker, url.Values{"act": {"look"}, "look": {"trem"}, "name": {"The Tremblays"}, "person": {m.max.String()}, "name-1": {"Tom"}})
	if err != nil || response.Status != http.StatusOK {
		t.Fatalf("status %d, %v", response.Status, err)
	}
	page := m.text(response.Body)
	for _, want := range []string{"Léa Tremblay", "Max Tremblay", `value="The Tremblays"`, `value="Tom"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "Hidden") {
		t.Error("somebody of the shelter is offered in Housing")
	}
	// A typing error is forgiven, and the only one found is chosen.
	if response, err = m.create(m.worker, url.Values{"act": {"look"}, "look": {"lea tremblya"}, "name": {"The Tremblays"}}); err != nil {
		t.Fatal(err)
	}
	if page := m.text(response.Body); !strings.Contains(page, `value="`+m.lea.String()+`" checked`) || strings.Contains(page, "Max Tremblay") {
		t.Errorf("the only one found is not chosen, or not the only one: %s", page)
	}
}

// act calls a handler about a member of a circle.
func (m *world) act(handler web.Handler, by access.Actor, circle, member uuid.UUID, form url.Values) (int, error) {
	m.t.Helper()
	response, err := handler(m.request(by, http.MethodPost, "/circles/"+circle.String(), form, "circle", circle.String(), "member", member.String()))
	return response.Status, err
}

// members are those whom an actor is shown.
func (m *world) members(by access.Actor, id uuid.UUID) (found []Member) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		s, err := load(m.t.Context(), tx, by, sqlByID, id)
		found = s.Members
		return err
	})
	return found
}

func TestPeopleComeAndGo(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	hidden := m.participant("Hidden", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled})
	id := m.circle(m.housing, "The Tremblays", Member{Participant: m.lea}, Member{Participant: m.max}, Member{Participant: hidden})
	both := m.both()

	if got, err := m.act(m.handlers.AddMembers, m.worker, id, uuid.Nil, url.Values{"name-1": {"Tom Baker"}, "relationship-1": {"uncle"}}); err != nil || got != 303 {
		t.Fatalf("add: got %d, %v", got, err)
	}
	if got, err := m.act(m.handlers.AddMembers, both, id, uuid.Nil, url.Values{"person": {m.participant("Late", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled}).String()}}); err != nil || got != 422 {
		t.Errorf("somebody known through the shelter alone is added to a circle of Housing: got %d, %v", got, err)
	}
	all := m.members(m.worker, id)
	if len(all) != 3 {
		t.Fatalf("got %d members, want 3", len(all))
	}
	tom := all[slices.IndexFunc(all, func(one Member) bool { return one.Name == "Tom Baker" })]
	if got, err := m.act(m.handlers.ChangeMember, m.worker, id, tom.ID, url.Values{"base_relationship": {"uncle"}, "relationship": {"her mother's brother"}, "primary": {"yes"}}); err != nil || got != 303 {
		t.Errorf("change: got %d, %v", got, err)
	}
	if got, err := m.act(m.handlers.ChangeMember, m.colleague, id, tom.ID, url.Values{"base_relationship": {"uncle"}, "relationship": {"friend"}}); err != nil || got != 409 {
		t.Errorf("a change that comes too late: got %d, %v", got, err)
	}
	if first := m.members(m.worker, id)[0]; first.Name != "Tom Baker" || !first.Primary || first.Relationship != "her mother's brother" {
		t.Errorf("got %+v", first)
	}

	// Whoever is hidden cannot be changed, and stays hidden when others go.
	secret := m.members(both, id)
	at := slices.IndexFunc(secret, func(one Member) bool { return one.Participant == hidden })
	for name, handler := range map[string]web.Handler{"change": m.handlers.ChangeMember, "remove": m.handlers.RemoveMember} {
		if _, err := m.act(handler, m.worker, id, secret[at].ID, url.Values{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s somebody hidden: %v", name, err)
		}
	}
	if got, err := m.act(m.handlers.RemoveMember, m.worker, id, tom.ID, url.Values{}); err != nil || got != 303 {
		t.Errorf("remove: got %d, %v", got, err)
	}
	for _, one := range m.members(m.worker, id) {
		if _, err := m.act(m.handlers.RemoveMember, m.worker, id, one.ID, url.Values{}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("one of the last two whom she sees: %v", err)
		}
	}
	if _, err := m.act(m.handlers.RemoveMember, m.front, id, tom.ID, url.Values{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the front desk: %v", err)
	}
}

func TestACircleIsChangedByOneAtATime(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.circle(m.housing, "The Tremblays", Member{Participant: m.lea}, Member{Participant: m.max})
	statuses := make([]int, 2)
	var wg sync.WaitGroup
	for i, by := range []access.Actor{m.worker, m.manager} {
		wg.Go(func() {
			var err error
			if statuses[i], err = m.act(m.handlers.Update, by, id, uuid.Nil, url.Values{"version": {"1"}, "name": {"Name " + by.Staff.String()}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if slices.Sort(statuses); !slices.Equal(statuses, []int{303, 409}) {
		t.Errorf("got %v, want 303 and 409", statuses)
	}
	// What is done about somebody hidden does not make a version.
	hidden := m.participant("Hidden", map[uuid.UUID]access.EnrolmentStatus{m.shelter: access.Enrolled, m.housing: access.Cancelled})
	m.update(func(tx *tenancy.Tx) error {
		_, err := addMember(t.Context(), tx, Member{ID: tenancy.NewID(), Circle: id, Participant: hidden, JoinedAt: noon})
		return err
	})
	if got, err := m.act(m.handlers.Update, m.worker, id, uuid.Nil, url.Values{"version": {"2"}, "name": {"The Tremblays"}, "is_archived": {"yes"}}); err != nil || got != 303 {
		t.Errorf("got %d, %v", got, err)
	}
	if got := m.options(m.worker, m.lea); len(got) != 0 {
		t.Errorf("an archived circle may be chosen: %v", got)
	}
}

func TestWordsAreSealed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.circle(m.housing, "The Tremblays", Member{Participant: m.lea, Relationship: "mother"}, Member{Name: "Tom Baker", Relationship: "uncle"})
	m.update(func(tx *tenancy.Tx) error {
		var rows string
		if err := tx.QueryRow(t.Context(), `SELECT concat_ws(' ', (SELECT string_agg(encode(name_sealed, 'escape'), '') FROM agency.circles),
			(SELECT string_agg(concat(encode(name_sealed, 'escape'), encode(relationship_sealed, 'escape')), '') FROM agency.circle_members))`).Scan(&rows); err != nil {
			return err
		}
		for _, word := range []string{"Tremblay", "mother", "Baker", "uncle"} {
			if strings.Contains(rows, word) {
				t.Errorf("the rows hold %q", word)
			}
		}
		return nil
	})
}

func TestEveryActIsRecorded(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	id := m.circle(m.housing, "The Tremblays", Member{Participant: m.lea}, Member{Participant: m.max}, Member{Name: "Tom Baker"})
	tom := m.members(m.worker, id)
	at := slices.IndexFunc(tom, func(one Member) bool { return one.Name == "Tom Baker" })
	for handler, form := range map[string]url.Values{"update": {"version": {"1"}, "name": {"The Baker-Tremblays"}}, "change": {"relationship": {"uncle"}}} {
		call := m.handlers.Update
		if handler == "change" {
			call = m.handlers.ChangeMember
		}
		if got, err := m.act(call, m.worker, id, tom[at].ID, form); err != nil || got != 303 {
			t.Fatalf("%s: got %d, %v", handler, got, err)
		}
	}
	if got, err := m.act(m.handlers.RemoveMember, m.worker, id, tom[at].ID, url.Values{}); err != nil || got != 303 {
		t.Fatalf("got %d, %v", got, err)
	}
	names, sealed := m.acts()
	slices.Sort(names)
	if want := []string{"circle.change_member", "circle.remove_member", "circle.update"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	for _, want := range []string{"The Tremblays", "The Baker-Tremblays", "uncle", "Tom Baker"} {
		if !strings.Contains(sealed, want) {
			t.Errorf("the sealed values lack %q", want)
		}
	}
}
