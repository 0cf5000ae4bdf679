package circle

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// chosen is the program of the form, one of those that may be chosen, and whether it is
// confidential.
func chosen(r *web.Request, programs []program.Program) (uuid.UUID, bool) {
	id, _ := uuid.Parse(r.Value("program"))
	for _, p := range programs {
		if p.ID == id || len(programs) == 1 {
			return p.ID, p.Confidential
		}
	}
	return uuid.Nil, false
}

// mostOffered is how many people are shown of those who are found.
const mostOffered = 20

// picker is the part of a form that chooses people: some with a record, who are looked for
// by name, and some without.
type picker struct {
	Look          string
	Chosen        []uuid.UUID
	Relationships map[uuid.UUID]string
	Others        []other
	Offered       []participant.Named // the chosen ones first
}

// other is somebody without a record, as typed.
type other struct {
	ID           uuid.UUID
	Name         string
	Relationship string
}

// field is the name of one of the controls of somebody without a record.
func (o other) field(name string, i int) string { return name + "-" + strconv.Itoa(i+1) }

// relationshipField is the name of the control of a participant's relationship.
func relationshipField(id uuid.UUID) string { return "relationship-" + id.String() }

func decodePicker(r *web.Request) picker {
	p := picker{Look: r.Value("look"), Relationships: map[uuid.UUID]string{}}
	for _, text := range r.Form["person"] {
		if id, err := uuid.Parse(text); err == nil && !slices.Contains(p.Chosen, id) {
			p.Chosen = append(p.Chosen, id)
			p.Relationships[id] = r.Value(relationshipField(id))
		}
	}
	for i := range 2 {
		var o other
		o.ID = web.FormID(r.Value(o.field("other", i)))
		o.Name, o.Relationship = r.Value(o.field("name", i)), r.Value(o.field("relationship", i))
		p.Others = append(p.Others, o)
	}
	return p
}

// offer leaves only those among the chosen whom the actor reaches and who are not in the
// circle, finds those who are looked for, and records whose names are shown.
func (p *picker) offer(r *web.Request, tx *tenancy.Tx, members []Member, event audit.Event) error {
	everybody, err := people(r.Context(), tx, r.Actor())
	if err != nil {
		return err
	}
	for _, m := range members {
		delete(everybody, m.Participant)
	}
	p.Chosen = slices.DeleteFunc(p.Chosen, func(id uuid.UUID) bool { _, reached := everybody[id]; return !reached })
	found := slices.DeleteFunc(participant.Look(everybody, p.Look), func(n participant.Named) bool { return slices.Contains(p.Chosen, n.ID) })
	if r.Value("act") == "look" && len(found) == 1 { // it is who was meant
		p.Chosen, found, p.Look = append(p.Chosen, found[0].ID), nil, ""
	}
	for _, id := range p.Chosen {
		p.Offered = append(p.Offered, everybody[id])
	}
	p.Offered = append(p.Offered, found[:min(len(found), mostOffered)]...)
	for _, named := range p.Offered {
		event.Participants = append(event.Participants, named.ID)
		event.Confidential = event.Confidential || named.Confidential
	}
	return audit.Record(r.Context(), tx, audit.From(r), event)
}

func (p *picker) check() view.Problems {
	var problems view.Problems
	for _, id := range p.Chosen {
		if utf8.RuneCountInString(p.Relationships[id]) > maxRelationship {
			problems.AddOf(i18n.CircleRelationship, relationshipField(id), i18n.FormTooLong(maxRelationship))
		}
	}
	for i, o := range p.Others {
		switch {
		case o.Name == "" && o.Relationship != "":
			problems.Add(o.field("name", i), i18n.CircleOtherWanted)
		case utf8.RuneCountInString(o.Name) > maxName:
			problems.AddOf(i18n.CircleOtherName, o.field("name", i), i18n.FormTooLong(maxName))
		}
		if utf8.RuneCountInString(o.Relationship) > maxRelationship {
			problems.AddOf(i18n.CircleRelationship, o.field("relationship", i), i18n.FormTooLong(maxRelationship))
		}
	}
	return problems
}

// named is how many people without a record have a name.
func (p *picker) named() (n int) {
	for _, o := range p.Others {
		if o.Name != "" {
			n++
		}
	}
	return n
}

// members are those whom the form adds.
func (p *picker) members(circle uuid.UUID, now time.Time) (made []Member) {
	for _, id := range p.Chosen {
		made = append(made, Member{ID: tenancy.NewID(), Circle: circle, Participant: id, Relationship: p.Relationships[id], JoinedAt: now})
	}
	for _, o := range p.Others {
		if o.Name != "" {
			made = append(made, Member{ID: o.ID, Circle: circle, Name: o.Name, Relationship: o.Relationship, JoinedAt: now})
		}
	}
	return made
}
