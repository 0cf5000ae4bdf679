package jobs

import "testing"

func TestEveryStatementIsAcceptedByPostgres(t *testing.T) {
	t.Parallel()
	newWorld(t).PrepareAll(t, ".")
}
