package circle

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Overview draws the circles that a participant is in, as far as the actor sees them.
func Overview(b *tenancy.Batch, r *web.Request, id uuid.UUID) func(context.Context, *tenancy.Tx, *participant.Reached) (templ.Component, error) {
	choices := Options(b, id, r.Actor())
	return func(ctx context.Context, tx *tenancy.Tx, p *participant.Reached) (templ.Component, error) {
		var circles []seen
		if len(choices.rows) > 0 {
			var err error
			if circles, err = openRows(ctx, tx, r.Actor(), choices.rows); err != nil {
				return nil, err
			}
		}
		if len(circles) == 0 && !p.May(access.CircleCreate) {
			return nil, nil
		}
		return overview(r.Frame(), p, circles), nil
	}
}

// newFor is the form of a circle that begins with a participant.
func newFor(p *participant.Reached) view.URL {
	return view.To("circles", "new").With("with", p.ID.String())
}
