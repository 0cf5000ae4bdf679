package group

import (
	"bytes"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/web"
	"konote/tenancy"
)

// listedAtOnce is how many people of a program are offered without being looked for, and
// at most shown of those who are found.
const listedAtOnce = 30

// addPage is the form that adds members.
type addPage struct {
	page
	People []participant.Named // who are offered
	Many   bool                // there are too many to offer without looking
	Look   string
	Chosen []uuid.UUID
	FormID uuid.UUID // of the row of somebody by name
	Other  string    // her name
	Role   Role
	Day    string
}

// NewMembers is the form that adds members.
func (h *Handlers) NewMembers(r *web.Request) (web.Response, error) {
	var p addPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = addPage{Role: Ordinary, FormID: tenancy.NewID()}
		if p.page, err = open(r, tx, sqlByID, access.GroupManageMembers); err != nil {
			return err
		}
		p.Day = p.Today.String()
		return p.offer(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupAddTitle, addView(r.Frame(), p)), nil
}

// offer finds the people who may be chosen, and records whose names the page shows.
func (p *addPage) offer(r *web.Request, tx *tenancy.Tx) error {
	everybody, err := candidates(r.Context(), tx, r.Actor(), p.Group)
	if err != nil {
		return err
	}
	p.Chosen = slices.DeleteFunc(p.Chosen, func(id uuid.UUID) bool { _, offered := everybody[id]; return !offered })
	p.Many = len(everybody) > listedAtOnce
	found := participant.Look(everybody, p.Look)
	if !p.Many {
		found = slices.Collect(maps.Values(everybody))
		participant.SortNames(found)
	}
	found = slices.DeleteFunc(found, func(n participant.Named) bool { return slices.Contains(p.Chosen, n.ID) })
	if p.Many && r.Value("act") == "look" && len(found) == 1 { // it is who was meant
		p.Chosen, found, p.Look = append(p.Chosen, found[0].ID), nil, ""
	}
	for _, id := range p.Chosen {
		p.People = append(p.People, everybody[id])
	}
	p.People = append(p.People, found[:min(len(found), listedAtOnce)]...)
	event := p.event(r, actionView)
	for _, named := range p.People {
		event.Participants = append(event.Participants, named.ID)
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// AddMembers adds those who were chosen, or looks for others by name.
func (h *Handlers) AddMembers(r *web.Request) (web.Response, error) {
	var p addPage
	added, looking := 0, r.Value("act") == "look"
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = addPage{Role: Role(r.Value("role")), Day: r.Value("joined_on"), FormID: web.FormID(r.Value("id")), Other: r.Value("name"), Look: r.Value("look")}
		if p.page, err = open(r, tx, sqlLock, access.GroupManageMembers); err != nil {
			return err
		}
		for _, text := range r.Form["person"] {
			if id, err := uuid.Parse(text); err == nil && !slices.Contains(p.Chosen, id) {
				p.Chosen = append(p.Chosen, id)
			}
		}
		if err := p.offer(r, tx); err != nil || looking {
			return err
		}
		joined := p.check()
		if r.SwitchLanguage || p.Problems.Any() {
			return nil
		}
		added, err = p.add(r, tx, joined)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	if looking && !r.SwitchLanguage {
		return web.Page(i18n.GroupAddTitle, addView(r.Frame(), p)), nil
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.GroupAddTitle, problems, addView(r.Frame(), p)), nil
	}
	return web.Redirect(p.address().At("members")).Say(i18n.GroupAdded(added)), nil
}

func (p *addPage) check() civil.Date {
	if len(p.Chosen) == 0 && p.Other == "" {
		p.Problems.Add("person", i18n.GroupAddWanted)
	}
	if utf8.RuneCountInString(p.Other) > maxName {
		p.Problems.Add("name", i18n.FormTooLong(maxName))
	}
	if roleLabels[p.Role] == "" {
		p.Problems.Add("role", i18n.GroupRoleWanted)
	}
	return pastDay(&p.Problems, "joined_on", p.Day, p.Today)
}

// add adds them. Who is a member already, because the form was sent twice or a colleague
// was faster, stays as she is.
func (p *addPage) add(r *web.Request, tx *tenancy.Tx, joined civil.Date) (int, error) {
	var made []Member
	slices.SortFunc(p.Chosen, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) // the order of sqlShare
	for _, id := range p.Chosen {
		made = append(made, Member{ID: tenancy.NewID(), Group: p.ID, Participant: id, Role: p.Role, JoinedOn: joined})
	}
	if p.Other != "" {
		made = append(made, Member{ID: p.FormID, Group: p.ID, Name: p.Other, Role: p.Role, JoinedOn: joined})
	}
	event := p.event(r, actionAddMembers)
	var added []Member
	for _, m := range made {
		is, err := addMember(r.Context(), tx, m)
		if err != nil {
			return 0, err
		}
		if is {
			added = append(added, m)
			if m.Participant != uuid.Nil {
				event.Participants = append(event.Participants, m.Participant)
			}
		}
	}
	event.After = added
	return len(made), audit.Record(r.Context(), tx, audit.From(r), event)
}

// memberPage is the form of one membership.
type memberPage struct {
	page
	Member Member
	Role   Role
	Left   string
	Late   bool
}

// EditMember is the form of one membership.
func (h *Handlers) EditMember(r *web.Request) (web.Response, error) {
	var p memberPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openMember(r, tx, sqlByID); err != nil {
			return err
		}
		p.Role, p.Left = p.Member.Role, p.Member.LeftOn.String()
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.GroupMemberTitle, memberView(r.Frame(), p)), nil
}

func openMember(r *web.Request, tx *tenancy.Tx, sql string) (p memberPage, err error) {
	if p.page, err = openWithMembers(r, tx, sql, access.GroupManageMembers); err != nil {
		return p, err
	}
	id, err := r.ID("member")
	if err != nil {
		return p, err
	}
	at := slices.IndexFunc(p.Members, func(m Member) bool { return m.ID == id })
	if at < 0 {
		return p, errNoMember
	}
	p.Member = p.Members[at]
	p.Members = p.Members[at : at+1]
	return p, nil
}

// ChangeMember changes somebody's role, or ends her time in the group.
func (h *Handlers) ChangeMember(r *web.Request) (web.Response, error) {
	var p memberPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openMember(r, tx, sqlLock); err != nil {
			return err
		}
		after := p.decode(r)
		if r.SwitchLanguage || p.Problems.Any() {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		if p.Late = r.Value("before") != standing(p.Member); p.Late && standing(p.Member) != standing(after) {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		p.Late = false
		if standing(p.Member) == standing(after) {
			return nil
		}
		if err := updateMember(r.Context(), tx, after); err != nil {
			return err
		}
		event := p.event(r, actionChangeMember)
		event.Before, event.After = memory(p.Member), memory(after)
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || p.Problems.Any():
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(i18n.GroupMemberTitle, problems, memberView(r.Frame(), p)), nil
	case p.Late:
		return web.Page(i18n.GroupMemberTitle, memberView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address().At("members")).Say(i18n.GroupMemberSaved), nil
}

// decode reads the form over the membership as it is.
func (p *memberPage) decode(r *web.Request) Member {
	p.Role, p.Left = Role(r.Value("role")), r.Value("left_on")
	after := p.Member
	after.Role, after.LeftOn = p.Role, civil.Date{}
	if roleLabels[p.Role] == "" {
		p.Problems.Add("role", i18n.GroupRoleWanted)
	}
	if p.Left != "" {
		if after.LeftOn = pastDay(&p.Problems, "left_on", p.Left, p.Today); p.Problems.Of("left_on") == nil && after.LeftOn.Before(p.Member.JoinedOn) {
			p.Problems.Add("left_on", i18n.GroupMemberLeftEarly(dayText(r.P, p.Member.JoinedOn)))
		}
	}
	return after
}

// standing is what can change about a membership, as a form carries it.
func standing(m Member) string { return string(m.Role) + " " + m.LeftOn.String() }

// memory is what the audit log keeps of a membership.
func memory(m Member) map[string]string {
	return map[string]string{"role": string(m.Role), "left_on": m.LeftOn.String()}
}
