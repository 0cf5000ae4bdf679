package circle

import (
	"slices"
	"unicode/utf8"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// addPage is the form that adds people to a circle.
type addPage struct {
	seen
	picker
	Problems view.Problems
}

// NewMembers is the form that adds people.
func (h *Handlers) NewMembers(r *web.Request) (web.Response, error) {
	var p addPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = addPage{picker: picker{Others: []other{{ID: tenancy.NewID()}, {ID: tenancy.NewID()}}}}
		if p.seen, err = openToEdit(r, tx, sqlByID); err != nil {
			return err
		}
		return p.offer(r, tx, p.Members, p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.CircleAddTitle, addView(r.Frame(), p)), nil
}

// AddMembers adds them, or looks for others by name.
func (h *Handlers) AddMembers(r *web.Request) (web.Response, error) {
	var p addPage
	looking := r.Value("act") == "look"
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		p = addPage{picker: decodePicker(r)}
		if p.seen, err = openToEdit(r, tx, sqlLock); err != nil {
			return err
		}
		asked := len(p.Chosen)
		if err := p.offer(r, tx, p.Members, p.event(r, actionView)); err != nil || looking {
			return err
		}
		if p.Problems, err = p.check(r, tx, asked); err != nil || r.SwitchLanguage || p.Problems.Any() {
			return err
		}
		return p.add(r, tx)
	})
	if err != nil {
		return web.Response{}, err
	}
	if looking && !r.SwitchLanguage {
		return web.Page(i18n.CircleAddTitle, addView(r.Frame(), p)), nil
	}
	if problems := p.Problems; r.SwitchLanguage || problems.Any() {
		p.Problems = r.Shown(problems)
		return r.Again(i18n.CircleAddTitle, problems, addView(r.Frame(), p)), nil
	}
	return web.Redirect(p.address()).Say(i18n.CircleSaved), nil
}

// check says what is wrong. Of the people who were asked for, those who are in the circle
// already are no longer chosen: the form was sent twice.
func (p *addPage) check(r *web.Request, tx *tenancy.Tx, asked int) (view.Problems, error) {
	problems := p.picker.check()
	if asked == 0 && p.named() == 0 {
		problems.Add("look", i18n.CirclePeopleNone)
	}
	if p.Confidential {
		return problems, nil
	}
	openly, err := knownOpenly(r.Context(), tx, r.Actor(), p.Chosen)
	if err == nil && !openly {
		problems.Add("look", i18n.CircleMemberConfidential)
	}
	return problems, err
}

func (p *addPage) add(r *web.Request, tx *tenancy.Tx) error {
	var added []Member
	for _, m := range p.members(p.ID, tx.Now()) {
		is, err := addMember(r.Context(), tx, m)
		if err != nil {
			return err
		}
		if is {
			added = append(added, m)
		}
	}
	if len(added) == 0 {
		return nil
	}
	event := seen{Circle: p.Circle, Members: added}.event(r, actionAddMembers)
	event.After = added
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

// memberPage is the form of one member.
type memberPage struct {
	seen
	Member       Member
	Relationship string
	Primary      bool
	Late         bool
	Problems     view.Problems
}

func openMember(r *web.Request, tx *tenancy.Tx, sql string) (p memberPage, err error) {
	if p.seen, err = openToEdit(r, tx, sql); err != nil {
		return p, err
	}
	id, err := r.ID("member")
	if err != nil {
		return p, err
	}
	at := slices.IndexFunc(p.Members, func(m Member) bool { return m.ID == id })
	if at < 0 {
		return p, fault.Missing()
	}
	p.Member = p.Members[at]
	return p, nil
}

// EditMember is the form of one member.
func (h *Handlers) EditMember(r *web.Request) (web.Response, error) {
	var p memberPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openMember(r, tx, sqlByID); err != nil {
			return err
		}
		p.Relationship, p.Primary = p.Member.Relationship, p.Member.Primary
		return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.CircleMemberTitle, memberView(r.Frame(), p)), nil
}

// ChangeMember saves a member's relationship and whether she is whom to reach first.
func (h *Handlers) ChangeMember(r *web.Request) (web.Response, error) {
	var p memberPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openMember(r, tx, sqlLock); err != nil {
			return err
		}
		p.Relationship, p.Primary = r.Value("relationship"), r.Checked("primary")
		if utf8.RuneCountInString(p.Relationship) > maxRelationship {
			p.Problems.Add("relationship", i18n.FormTooLong(maxRelationship))
		}
		after := p.Member
		after.Relationship, after.Primary = p.Relationship, p.Primary
		p.Late = p.changed(after) && (r.Value("base_relationship") != p.Member.Relationship || r.Checked("base_primary") != p.Member.Primary)
		if r.SwitchLanguage || p.Problems.Any() || p.Late {
			return audit.Record(r.Context(), tx, audit.From(r), p.event(r, actionView))
		}
		if !p.changed(after) {
			return nil
		}
		if err := updateMember(r.Context(), tx, after); err != nil {
			return err
		}
		event := seen{Circle: p.Circle, Members: []Member{after}}.event(r, actionChangeMember)
		event.Before, event.After = p.Member, after
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	switch {
	case err != nil:
		return web.Response{}, err
	case r.SwitchLanguage || p.Problems.Any():
		problems := p.Problems
		p.Problems = r.Shown(problems)
		return r.Again(i18n.CircleMemberTitle, problems, memberView(r.Frame(), p)), nil
	case p.Late:
		return web.Page(i18n.CircleMemberTitle, memberView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(p.address()).Say(i18n.CircleMemberSaved), nil
}

// changed says whether the member is not as she was.
func (p memberPage) changed(after Member) bool {
	return p.Member.Relationship != after.Relationship || p.Member.Primary != after.Primary
}

// RemoveMember takes somebody out of a circle. Two stay.
func (h *Handlers) RemoveMember(r *web.Request) (web.Response, error) {
	var p memberPage
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if p, err = openMember(r, tx, sqlLock); err != nil {
			return err
		}
		if !p.mayRemove(p.Member.ID) {
			return fault.New(fault.Conflict, i18n.CircleMemberRemoveLast)
		}
		if err := removeMember(r.Context(), tx, p.Member.ID); err != nil {
			return err
		}
		event := seen{Circle: p.Circle, Members: []Member{p.Member}}.event(r, actionRemoveMember)
		event.Before = p.Member
		return audit.Record(r.Context(), tx, audit.From(r), event)
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(p.address()).Say(i18n.CircleMemberRemoved), nil
}
