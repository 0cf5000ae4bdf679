package tenancy_test

import (
	"testing"

	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAcceptedByPostgresAndAllowedToItsRole(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}
