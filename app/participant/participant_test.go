package participant

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
)

var (
	dayOfTest = civil.Date{Year: 2026, Month: 2, Day: 10}
	everyone  = func() Levels {
		levels := Levels{}
		for _, f := range fields {
			levels[f.name] = access.FieldEdit
		}
		return levels
	}()
	anna = Details{FirstName: "Anna", LastName: "Roy", Status: Active, Language: "en"}
)

func with(d Details, change func(*Details)) Details {
	change(&d)
	return d
}

func TestThePersonIsCalledByThePreferredName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d           Details
		full, other string
	}{
		{Details{FirstName: "Geneviève", LastName: "Roy"}, "Geneviève Roy", ""},
		{Details{FirstName: "Geneviève", MiddleName: "Anne", LastName: "Roy"}, "Geneviève Roy", "Anne"},
		{Details{FirstName: "Geneviève", PreferredName: "Gen", LastName: "Roy"}, "Gen Roy", "Geneviève"},
		{Details{FirstName: "Geneviève", PreferredName: "Gen", MiddleName: "Anne", LastName: "Roy"}, "Gen Roy", "Geneviève Anne"},
		{Details{FirstName: "Gen", PreferredName: "Gen", LastName: "Roy"}, "Gen Roy", ""},
	} {
		if c.d.FullName() != c.full || c.d.OtherNames() != c.other {
			t.Errorf("%+v is %q, also %q; want %q, %q", c.d, c.d.FullName(), c.d.OtherNames(), c.full, c.other)
		}
	}
}

func TestDetailsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what    string
		d       Details
		problem string // name of the field, "" for none
	}{
		{"the least", anna, ""},
		{"no first name", with(anna, func(d *Details) { d.FirstName = "" }), "first_name"},
		{"no last name", with(anna, func(d *Details) { d.LastName = "" }), "last_name"},
		{"a name too long", with(anna, func(d *Details) { d.MiddleName = strings.Repeat("é", 101) }), "middle_name"},
		{"a name just short enough", with(anna, func(d *Details) { d.MiddleName = strings.Repeat("é", 100) }), ""},
		{"born today", with(anna, func(d *Details) { d.BirthDate = "2026-02-10" }), ""},
		{"born tomorrow", with(anna, func(d *Details) { d.BirthDate = "2026-02-11" }), "birth_date"},
		{"born on no day", with(anna, func(d *Details) { d.BirthDate = "2025-02-29" }), "birth_date"},
		{"born on a leap day", with(anna, func(d *Details) { d.BirthDate = "2024-02-29" }), ""},
		{"120 years old", with(anna, func(d *Details) { d.BirthDate = "1905-02-11" }), ""},
		{"121 years old", with(anna, func(d *Details) { d.BirthDate = "1905-02-10" }), "birth_date"},
		{"a part of a date", with(anna, func(d *Details) { d.BirthDate = "1990--" }), "birth_date"},
		{"no phone", with(anna, func(d *Details) { d.Phone = "my sister" }), "phone"},
		{"no e-mail", with(anna, func(d *Details) { d.Email = "anna" }), "email"},
		{"a long address", with(anna, func(d *Details) { d.Address = strings.Repeat("x", 501) }), "address"},
		{"a status of its own making", with(anna, func(d *Details) { d.Status = "deleted" }), "status"},
		{"a third language", with(anna, func(d *Details) { d.Language = "de" }), "language"},
	} {
		problems := c.d.check(everyone, dayOfTest)
		got := ""
		if problems.Any() {
			got = problems[0].Field
		}
		if got != c.problem || len(problems) > 1 {
			t.Errorf("%s: problems %v, want one of %q", c.what, problems, c.problem)
		}
	}
}

func TestNobodyIsAskedToMendWhatTheyMayNotChange(t *testing.T) {
	t.Parallel()
	broken := Details{Phone: "my sister"}
	if problems := broken.check(Levels{"email": access.FieldEdit, "phone": access.FieldView}, dayOfTest); problems.Any() {
		t.Errorf("problems %v, want none", problems)
	}
}

func TestRolesSeeAndChangeTheirFields(t *testing.T) {
	t.Parallel()
	program := uuid.New()
	want := map[access.Role]string{
		// In the order of the form: E may change, v may see, - hidden.
		//                      first last pref middle pron birth lang phone mail addr rec status
		access.FrontDesk:      "v v v - v - v E E v E E E v v",
		access.DirectService:  "E E E E E E E E E E E E E E E",
		access.ProgramManager: "E E E E E E E v v v v v v E E",
		access.Executive:      "v v - - - - - - - - - - - v v", // and reaches nobody, so sees none of it
	}
	for role, expected := range want {
		levels := levelsOf(access.Actor{Roles: map[uuid.UUID]access.Role{program: role}}, []uuid.UUID{program})
		var got []string
		for _, f := range fields {
			got = append(got, map[access.FieldLevel]string{access.FieldHidden: "-", access.FieldView: "v", access.FieldEdit: "E"}[levels[f.name]])
		}
		if diff := cmp.Diff(expected, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: fields (-want +got):\n%s", role, diff)
		}
	}
}

func TestWhoeverAddsSomebodyMayFillInWhatTheyWouldBeShown(t *testing.T) {
	t.Parallel()
	program := uuid.New()
	levels := levelsOfNew(access.Actor{Roles: map[uuid.UUID]access.Role{program: access.FrontDesk}})
	for name, want := range map[string]access.FieldLevel{
		"first_name": access.FieldEdit, "preferred_name": access.FieldEdit, "address": access.FieldEdit,
		"birth_date": access.FieldHidden, "middle_name": access.FieldHidden,
	} {
		if levels[name] != want {
			t.Errorf("front desk on %s of somebody new: level %d, want %d", name, levels[name], want)
		}
	}
	if executive := levelsOfNew(access.Actor{Roles: map[uuid.UUID]access.Role{program: access.Executive}}); executive.Sees("birth_date") {
		t.Error("an executive sees birth dates")
	}
}

func TestHiddenFieldsAreEmptyBeforeAnyoneCanDrawThem(t *testing.T) {
	t.Parallel()
	whole := Details{
		FirstName: "a", PreferredName: "b", MiddleName: "c", LastName: "d", Pronouns: "e", BirthDate: "f", Phone: "g", Email: "h",
		Address: "i", RecordID: "j", Status: Active, Language: "en",
	}
	program := uuid.New()
	got := whole.shown(levelsOf(access.Actor{Roles: map[uuid.UUID]access.Role{program: access.FrontDesk}}, []uuid.UUID{program}))
	want := with(whole, func(d *Details) { d.MiddleName, d.BirthDate = "", "" })
	if got != want {
		t.Errorf("front desk is shown %+v, want %+v", got, want)
	}
	if whole.MiddleName != "c" {
		t.Error("showing changed the record")
	}
}

func TestTwoVersionsAreComparedFieldByField(t *testing.T) {
	t.Parallel()
	base := with(anna, func(d *Details) { d.Phone, d.Email = "6135550000", "a@b.ca" })
	yours := with(base, func(d *Details) { d.Phone, d.PreferredName, d.Pronouns = "6135551111", "Ann", "she" })
	theirs := with(base, func(d *Details) { d.Phone, d.Email, d.Pronouns = "6135552222", "", "she" })

	began := map[string]string{}
	for _, f := range fields {
		began[f.name] = *f.of(&base)
	}
	got := map[string]changedBy{}
	for _, d := range compare(began, yours, theirs, everyone) {
		got[d.field.name] = d.by
	}
	want := map[string]changedBy{"phone": both, "email": them, "preferred_name": you} // pronouns are the same in both
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if left := disputed(compare(began, yours, theirs, everyone)); len(left) != 2 {
		t.Errorf("%d fields were changed by somebody else, want 2", len(left))
	}
	for _, d := range compare(nil, yours, theirs, everyone) {
		if d.by != both {
			t.Errorf("without the beginning, %s is changed by %d; want by both, so that it is asked", d.field.name, d.by)
		}
	}
	if only := compare(began, yours, theirs, Levels{"email": access.FieldEdit}); len(only) != 1 {
		t.Errorf("%d differences are shown to somebody who may change one field, want 1", len(only))
	}
}
