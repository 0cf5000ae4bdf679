package consent

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

// colStop is what links are sealed for. It is no column: a link is stored nowhere.
var colStop = keyring.Column{Table: "consents", Name: "stop_link", Pad: 1}

// StopPath is the path of the link by which a participant stops e-mail by herself, for the
// end of every message to her. It names her by her id, sealed with the agency's key: nobody
// makes or reads one without it, no table knows them, and it works for as long as the agency
// has the key.
func StopPath(tx *tenancy.Tx, participant uuid.UUID) (string, error) {
	sealed, err := tx.Box().Seal(colStop, uuid.Nil, string(participant[:]))
	if err != nil {
		return "", fmt.Errorf("make a link to stop e-mail: %w", err)
	}
	return stopAddress(base64.RawURLEncoding.EncodeToString(sealed)).String(), nil
}

func stopAddress(token string) view.URL { return view.To("reminders", token) }

// stopped is whose link it is; fault.NotFound for whatever is none of this agency's.
func stopped(tx *tenancy.Tx, token string) (uuid.UUID, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(sealed) == 0 {
		return uuid.Nil, fault.Missing()
	}
	plain, err := tx.Box().Open(colStop, uuid.Nil, sealed)
	if errors.Is(err, keyring.ErrOpen) {
		return uuid.Nil, fault.Missing()
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("read a link to stop e-mail: %w", err)
	}
	participant, err := uuid.FromBytes([]byte(plain))
	if err != nil {
		return uuid.Nil, fault.Missing()
	}
	return participant, nil
}

// AskStop asks whether e-mail is to stop. It changes nothing, since scanners of mail open
// every link.
func (h *Handlers) AskStop(r *web.Request) (web.Response, error) {
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		_, err := stopped(tx, r.Params["token"])
		return err
	})
	return stopAnswer(r, stopView(r.Frame(), r.Agency.Name(r.P.Language()), stopAddress(r.Params["token"])), err)
}

// Stop withdraws the consent to e-mail, once. The link is the proof: mail programs send this
// form by themselves, without a page (RFC 8058).
func (h *Handlers) Stop(r *web.Request) (web.Response, error) {
	if r.SwitchLanguage {
		return h.AskStop(r)
	}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		participant, err := stopped(tx, r.Params["token"])
		if err != nil {
			return err
		}
		return stop(r, tx, participant)
	})
	return stopAnswer(r, stoppedView(r.Frame(), r.Agency.Name(r.P.Language())), err)
}

// stopAnswer is the page, or the one answer to every link that is not good. What a robot
// reads is never sent on to another address.
func stopAnswer(r *web.Request, page templ.Component, err error) (web.Response, error) {
	if fault.KindOf(err) == fault.NotFound {
		answer := web.Page(i18n.ConsentStopGone, stopGoneView(r.Frame()))
		answer.Status = http.StatusGone
		return answer, nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.ConsentStopTitle, page), nil
}

// stop writes the withdrawal, if there is something to withdraw. Whoever may be signed in
// with this browser has not decided it.
func stop(r *web.Request, tx *tenancy.Tx, participant uuid.UUID) error {
	if err := lock(r.Context(), tx, participant); err != nil {
		return err
	}
	last, err := lastOf(r.Context(), tx, participant, Email)
	if err != nil {
		return err
	}
	today := civil.Of(tx.Now().In(r.P.Zone()))
	if !last.state(today).mayWithdraw(Email) {
		return nil
	}
	e := Event{ID: tenancy.NewID(), Participant: participant, Purpose: Email, Kind: Withdrawn, By: Herself, How: Link, HappenedOn: today, RecordedAt: tx.Now()}
	if today.Before(last.HappenedOn) { // the agency's clock was moved
		e.HappenedOn = last.HappenedOn
	}
	if _, err := insert(r.Context(), tx, &e, r.P.Zone()); err != nil {
		return err
	}
	return audit.Record(r.Context(), tx, audit.By{Kind: audit.KindAnonymous, Reference: r.Reference, IP: r.IP}, audit.Event{
		Action: actionWithdraw, Subject: e.ID, Participants: []uuid.UUID{participant}, Before: last, After: e,
	})
}
