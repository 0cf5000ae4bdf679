package sso

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// noTime refuses a proof of which the provider does not say when it was given.
const noTime = refusal("the provider does not say when the sign-in was (auth_time)")

// Proving is with whom somebody who is signed in proves anew who she is: the provider that
// her account is connected with, where she has neither a factor nor a password here; nobody
// otherwise.
func Proving(r *web.Request) (ways []staff.Elsewhere, err error) {
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		p, err := proving(r.Context(), tx, r)
		if err == nil && p.ID != uuid.Nil {
			ways = append(ways, staff.Elsewhere{NameEN: p.NameEN, NameFR: p.NameFR})
		}
		return err
	})
	return ways, err
}

func proving(ctx context.Context, tx *tenancy.Tx, r *web.Request) (Provider, error) {
	if r.Visitor.HasFactor {
		return Provider{}, nil
	}
	has, err := staff.HasPassword(ctx, tx, r.Actor().Staff)
	if err != nil || has {
		return Provider{}, err
	}
	found, err := load(ctx, tx, sqlProving, r.Actor().Staff)
	if err != nil || len(found) == 0 {
		return Provider{}, err
	}
	return found[0], nil
}

// Prove sends a signed-in person to her provider, to prove anew who she is.
func (h *Handlers) Prove(r *web.Request) (web.Response, error) {
	next := staff.Next(r.Value("next"))
	f := flow{Purpose: toProve, Staff: r.Actor().Staff, Next: next.String()}
	var p Provider
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		p, err = proving(r.Context(), tx, r)
		f.Asked = tx.Now()
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	if p.ID == uuid.Nil { // she proves it here
		return web.Redirect(view.To("account", "confirm").With("next", next.String())), nil
	}
	return h.begin(r, p, f)
}

// prove takes what came back as a proof, when it is hers and was given since it was asked
// for: a provider that lets her pass without a question has proved nothing.
func (h *Handlers) prove(r *web.Request, f flow, p Provider, said claims) (web.Response, error) {
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		by, err := proving(r.Context(), tx, r)
		if err != nil {
			return err
		}
		_, person, err := bySubject(r.Context(), tx, p.ID, said.Subject)
		if err != nil {
			return err
		}
		at := said.provedAt(tx.Now())
		switch {
		case by.ID != p.ID || person != r.Actor().Staff:
			return refused{"the proof is not that of who is signed in", r.Actor().Staff}
		case at.IsZero():
			return refused{noTime, r.Actor().Staff}
		case at.Before(f.Asked.Add(-skew)):
			return refused{"the sign-in is older than the question", r.Actor().Staff}
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionProve, Subject: r.Actor().Staff,
			After: map[string]any{"with": fmt.Sprintf("provider %s", p.ID)}})
	})
	if err != nil {
		return h.failed(r, f, err)
	}
	return web.Redirect(staff.Next(f.Next)).Prove(r.Session.Strength).Flow(""), nil
}
