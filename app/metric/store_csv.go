package metric

import (
	"fmt"
	"slices"

	"konote/app/access"
	"konote/app/program"
	"konote/app/web"
	"konote/tenancy"
)

// loadShelf loads what a table is written from and read against: every metric, and the
// programs in which the actor looks after metrics.
func loadShelf(r *web.Request, tx *tenancy.Tx) (shelf, error) {
	s := shelf{p: r.P, actor: r.Actor()}
	b := tx.Batch()
	b.Queue(sqlAll, tenancy.Into(&s.metrics))
	program.Queue(b, &s.programs)
	if err := b.Finish(r.Context()); err != nil {
		return s, fmt.Errorf("load metrics: %w", err)
	}
	s.programs = slices.DeleteFunc(s.programs, func(p program.Program) bool {
		return !s.actor.Admin && !s.actor.MayIn(p.ID, access.MetricManage)
	})
	return s, nil
}
