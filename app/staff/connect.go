package staff

import (
	"context"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/jobs"
	"konote/keyring"
	"konote/tenancy"
)

// connectLinks are those with which people connect their accounts to a provider elsewhere
// (package sso). They stand among the links for forgotten passwords, with the same rules, and
// are made under keys of their own: neither kind opens the page of the other.
var connectLinks = Links{token: keyring.Column{Table: "password_resets", Name: "connect_token"},
	hash: keyring.Column{Table: "password_resets", Name: "connect_hash"}}

// connectFor is how long such a link is good: nobody has to be at work within the hour.
const connectFor = 24 * time.Hour

// SendConnecting mails somebody a link with which she connects her account to the agency's
// provider. It does nothing, and says so, when there is no address or were three links within
// the last hour, or the account is not active.
func SendConnecting(ctx context.Context, tx *tenancy.Tx, person, by uuid.UUID) (made bool, err error) {
	id, err := addLink(ctx, tx, connectLinks, connectFor, person, by)
	if err != nil || id == uuid.Nil {
		return false, err
	}
	return true, jobs.Enqueue(ctx, tx, connectArgs{Reset: id}, jobs.Options{})
}

// A Connecting is such a link that is good now.
type Connecting struct{ pendingReset }

// ConnectingOf finds the link of a token; false when there is none that is good now, for
// whatever reason. An administrator's account is connected by herself alone.
func ConnectingOf(ctx context.Context, tx *tenancy.Tx, token string) (c Connecting, person Staff, good bool, err error) {
	if c.pendingReset, good, err = linkOf(ctx, tx, connectLinks, token); err != nil || !good {
		return c, person, false, err
	}
	person, err = ByID(ctx, tx, c.Staff)
	return c, person, err == nil && !person.Admin, err
}

// UseConnecting uses a link up; false when somebody was faster. It came to the person's
// address, and so proves it.
func UseConnecting(ctx context.Context, tx *tenancy.Tx, c Connecting) (bool, error) {
	used, err := useReset(ctx, tx, c.ID)
	if err != nil || !used {
		return false, err
	}
	return true, vouch(ctx, tx, c.Staff, true)
}

// SameAddress says whether two e-mail addresses are one.
func SameAddress(a, b string) bool { return normal(a) == normal(b) }

// connectArgs are those of the job that mails such a link.
type connectArgs struct {
	Reset uuid.UUID `json:"reset"`
}

// Kind implements jobs.Args.
func (connectArgs) Kind() string { return "staff.connect" }

// connect mails the link, unless it is used, over or void by now.
func (w *workers) connect(ctx context.Context, agency *tenancy.Agency, args connectArgs) error {
	return w.mailLink(ctx, agency, args.Reset, linkMail{links: connectLinks, name: "connect", path: "/connect/",
		subject: i18n.PeopleMailConnectSubject, text: func(at string) i18n.Message { return i18n.PeopleMailConnectText(at) }, notYou: i18n.PeopleMailConnectNotYou})
}
