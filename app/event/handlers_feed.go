package event

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// How far a feed looks.
const (
	feedBack  = 30 * 24 * time.Hour
	feedAhead = 366 * 24 * time.Hour
)

// feedPage is a worker's page about her calendar feed.
type feedPage struct {
	Feed    *feed
	Address string // shown once, when it was just made
}

// FeedShow says whether the actor has a calendar feed.
func (h *Handlers) FeedShow(r *web.Request) (web.Response, error) {
	var page feedPage
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		page.Feed, err = feedOf(r.Context(), tx, r.Actor().Staff)
		return err
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventFeedTitle, feedView(r.Frame(), page)), nil
}

// FeedMake gives the actor a feed with a new address; an older one is no more. The
// address is on the page that answers and nowhere else.
func (h *Handlers) FeedMake(r *web.Request) (web.Response, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	page := feedPage{Address: h.URL(r.Agency.Host) + "/calendar/" + token + ".ics"}
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if _, err := tx.Exec(r.Context(), sqlSetFeed, r.Actor().Staff, hashOf(r.Agency.ID, token), tx.Now()); err != nil {
			return fmt.Errorf("make calendar feed: %w", err)
		}
		if page.Feed, err = feedOf(r.Context(), tx, r.Actor().Staff); err != nil {
			return err
		}
		if err := staff.Notify(r.Context(), tx, r.Actor().Staff, staff.CalendarShared); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionFeedMake, Subject: r.Actor().Staff})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.EventFeedTitle, feedView(r.Frame(), page)), nil
}

// FeedRevoke ends the actor's feed.
func (h *Handlers) FeedRevoke(r *web.Request) (web.Response, error) {
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(r.Context(), sqlRevokeFeed, r.Actor().Staff); err != nil {
			return fmt.Errorf("revoke calendar feed: %w", err)
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionFeedRevoke, Subject: r.Actor().Staff})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("account", "calendar")).Say(i18n.EventFeedRevoked), nil
}

// Feed is the calendar itself. Whatever is wrong with the address, the account or its
// roles, the answer is the same.
func (h *Handlers) Feed(r *web.Request) (web.Response, error) {
	token, named := strings.CutSuffix(r.Params["token"], ".ics")
	hash := hashOf(r.Agency.ID, token)
	var owner uuid.UUID
	err := r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		owner, err = feedOwner(r.Context(), tx, hash)
		return err
	})
	if err != nil || owner == uuid.Nil || !named {
		return web.Response{}, orMissing(err)
	}
	wait, err := h.Limits.Allow(r.Context(), limit.Calendar, r.Agency.ID, base64.RawURLEncoding.EncodeToString(hash), "")
	if err != nil {
		return web.Response{}, err
	}
	if wait > 0 {
		return web.Response{}, fault.New(fault.Limited, nil).After(wait)
	}
	text, err := h.read(r, owner, hash)
	if err != nil {
		return web.Response{}, err
	}
	return web.Download("meetings.ics", "text/calendar; charset=utf-8", func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}), nil
}

// read writes the calendar of a feed's owner, as she stands at this moment. What a
// confidential program has is not beside that of others in somebody's pocket: it is left out
// as on pages where she works in all her programs.
func (h *Handlers) read(r *web.Request, owner uuid.UUID, hash []byte) (text string, err error) {
	visitor, _, err := staff.Visitor(r.Context(), r.Agency, owner)
	if fault.KindOf(err) == fault.SignedOut || err == nil && !visitor.Actor.May(access.MeetingView) {
		return "", fault.Missing()
	}
	if err != nil {
		return "", err
	}
	visitor = visitor.At(uuid.Nil)
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		found, err := feedMeetings(r.Context(), tx, visitor.Actor, tx.Now().Add(-feedBack), tx.Now().Add(feedAhead))
		if err != nil {
			return err
		}
		text = calendar(r.Agency.Host, found)
		if _, err := tx.Exec(r.Context(), sqlFeedUsed, hash, tx.Now()); err != nil {
			return fmt.Errorf("note the use of a feed: %w", err)
		}
		event := audit.Event{Action: actionFeedRead, Subject: owner}
		for _, m := range found {
			if !slices.Contains(event.Participants, m.Participant) {
				event.Participants = append(event.Participants, m.Participant)
			}
			event.Confidential = event.Confidential || m.Confidential
		}
		return audit.Record(r.Context(), tx, audit.By{Kind: audit.KindAnonymous, Reference: r.Reference, IP: r.IP}, event)
	})
	return text, err
}

func orMissing(err error) error {
	if err != nil {
		return err
	}
	return fault.Missing()
}

// hashOf is what is kept of a token. It is random enough that a plain hash tells nothing;
// looking the hash up takes the same time whatever is asked for.
func hashOf(agency uuid.UUID, token string) []byte {
	sum := sha256.Sum256([]byte("konote calendar|" + agency.String() + "|" + token))
	return sum[:]
}
