package apptest

import (
	"context"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/directive"
	"konote/tenancy"
)

// fillDirectives has everybody close her file to somebody who reaches nobody.
func (a *Agency) fillDirectives(ctx context.Context, tx *tenancy.Tx) error {
	for _, p := range a.Participants() {
		p.Directive = tenancy.NewID()
		_, err := directive.Insert(ctx, tx, directive.Directive{
			ID: p.Directive, Participant: p.ID, Kind: access.WholeFile, Staff: a.Nobody.ID, FromOn: civil.Of(tx.Now()), By: directive.Participant,
			RecordedAt: tx.Now(), RecordedBy: a.Worker.ID,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
