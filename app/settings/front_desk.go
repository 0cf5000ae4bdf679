package settings

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// fieldWords are what the fields are called, and an invented example.
var fieldWords = map[access.Field]struct{ label, example i18n.Key }{
	access.FieldPreferredName: {i18n.ParticipantPreferredName, i18n.SettingsFrontSamplePreferred},
	access.FieldMiddleName:    {i18n.ParticipantMiddleName, i18n.SettingsFrontSampleMiddle},
	access.FieldPronouns:      {i18n.ParticipantPronouns, i18n.SettingsFrontSamplePronouns},
	access.FieldBirthDate:     {i18n.ParticipantBirthDate, i18n.SettingsFrontSampleBirth},
	access.FieldLanguage:      {i18n.ParticipantLanguage, i18n.SettingsFrontSampleLanguage},
	access.FieldPhone:         {i18n.ParticipantPhone, i18n.SettingsFrontSamplePhone},
	access.FieldEmail:         {i18n.ParticipantEmail, i18n.SettingsFrontSampleEmail},
	access.FieldAddress:       {i18n.ParticipantAddress, i18n.SettingsFrontSampleAddress},
}

// desk is what the front desk may do with each field.
type desk map[access.Field]access.FieldLevel

// deskOf is what counts under a policy.
func deskOf(policy access.Policy) desk {
	program := uuid.UUID{1}
	actor := access.Actor{Policy: policy, Roles: map[uuid.UUID]access.Role{program: access.FrontDesk}}
	d := desk{}
	for _, field := range access.Fields {
		d[field] = actor.FieldOf([]uuid.UUID{program}, field, false)
	}
	return d
}

// mark is what a form says of the values that it was made from.
func (d desk) mark() string {
	text := ""
	for _, field := range access.Fields {
		text += FieldLevels[d[field]][:1]
	}
	return text
}

// names are the levels as they are stored.
func (d desk) names() map[access.Field]string {
	names := map[access.Field]string{}
	for field, level := range d {
		names[field] = FieldLevels[level]
	}
	return names
}

// deskPage is what the page of the front desk shows.
type deskPage struct {
	Form     desk
	Was      string // mark of what the form was made from
	Open     bool   // the agency's tier leaves nothing to decide
	Late     bool
	Problems view.Problems
}

// deskField is the name of a field's choice.
func deskField(field access.Field) string { return "field-" + string(field) }

// FrontDeskForm is the page on which an administrator decides what the front desk may do
// with each field of a participant.
func (h *Handlers) FrontDeskForm(r *web.Request) (web.Response, error) {
	now := deskOf(r.Settings().Access)
	p := deskPage{Form: now, Was: now.mark(), Open: r.Settings().Access.Tier == access.OpenAccess}
	return web.Page(i18n.SettingsFrontDesk, deskView(r.Frame(), p)), nil
}

// SaveFrontDesk saves what she decided, or only shows what the front desk would see.
func (h *Handlers) SaveFrontDesk(r *web.Request) (web.Response, error) {
	p := deskPage{Form: desk{}, Was: r.Value("was")}
	var problems view.Problems
	for _, field := range access.Fields {
		level := slices.Index(FieldLevels, r.Value(deskField(field)))
		if level < 0 {
			problems.Add(deskField(field), i18n.SettingsFrontWanted(r.P.T(fieldWords[field].label)))
			continue
		}
		p.Form[field] = access.FieldLevel(level)
	}
	p.Problems = r.Shown(problems)
	if r.SwitchLanguage || problems.Any() {
		return r.Again(i18n.SettingsFrontDesk, problems, deskView(r.Frame(), p)), nil
	}
	if r.Settings().Access.Tier == access.OpenAccess {
		return web.Response{}, fault.New(fault.Denied, i18n.SettingsFrontTier).Toward(i18n.SettingsAccessTitle, "settings", "access")
	}
	if r.Value("preview") != "" {
		return web.Page(i18n.SettingsFrontDesk, deskView(r.Frame(), p)), nil
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return saveDesk(r, tx, &p) })
	if err != nil {
		return web.Response{}, err
	}
	if p.Late {
		return web.Page(i18n.SettingsFrontDesk, deskView(r.Frame(), p)).Conflict(), nil
	}
	return web.Redirect(view.To("settings", "front-desk")).Say(i18n.SettingsSaved), nil
}

// saveDesk saves under a lock, unless somebody was faster.
func saveDesk(r *web.Request, tx *tenancy.Tx, p *deskPage) error {
	if _, err := tx.Exec(r.Context(), sqlLockAccess); err != nil {
		return fmt.Errorf("lock settings: %w", err)
	}
	loaded, err := Load(r.Context(), tx)
	if err != nil {
		return err
	}
	now := deskOf(loaded.Access)
	same := maps.Equal(now, p.Form)
	if p.Late = p.Was != now.mark() && !same; p.Late || same {
		p.Was = now.mark()
		return nil
	}
	return Set(r.Context(), tx, audit.From(r), FrontDesk, p.Form.names())
}

func levelOptions(f *view.Frame) []view.Option {
	words := []i18n.Message{i18n.SettingsFrontHidden, i18n.SettingsFrontView, i18n.SettingsFrontEdit}
	options := make([]view.Option, len(FieldLevels))
	for i, name := range FieldLevels {
		options[i] = view.Option{Value: name, Label: f.T(words[i])}
	}
	return options
}

// level is a chosen level by name, "" for one that was not chosen.
func (d desk) level(field access.Field) string {
	if level, chosen := d[field]; chosen {
		return FieldLevels[level]
	}
	return ""
}
