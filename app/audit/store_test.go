package audit

import (
	"testing"

	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAcceptedByPostgres(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}
