package settings_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"konote/app/access"
	"konote/app/settings"
	"konote/app/web"
	"konote/tenancy/tenancytest"
)

func TestOfWhomASecondFactorIsAsked(t *testing.T) {
	t.Parallel()
	agency := tenancytest.New(t).Agency(t)
	roles := []access.Role{access.ProgramManager, access.Executive}
	for _, test := range []struct {
		value any
		want  web.SecondFactor
	}{
		{settings.FactorRequired, web.SecondFactor{Everybody: true}}, {roles, web.SecondFactor{Roles: roles}}, {settings.FactorOptional, web.SecondFactor{}},
	} {
		if err := set(t, agency, settings.SecondFactor, test.value); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, load(t, agency).SecondFactor); diff != "" {
			t.Errorf("%v: %s", test.value, diff)
		}
	}
	for _, value := range []any{"", "never", true, []string{}, []string{"wizard"}, []access.Role{access.Executive, access.Executive}, map[string]string{}, nil} {
		if err := set(t, agency, settings.SecondFactor, value); !errors.Is(err, settings.ErrValue) {
			t.Errorf("%v: got %v, want ErrValue", value, err)
		}
	}
}
