package sso

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/view"
)

// The audited acts. Sign-ins are staff.sign_in and staff.sign_in_failed, as all are.
const (
	actionUpdate      audit.Action = "sso.update"
	actionStatus      audit.Action = "sso.status"
	actionTry         audit.Action = "sso.try"
	actionGroupAdd    audit.Action = "sso.group_add"
	actionGroupRemove audit.Action = "sso.group_remove"
	actionConnect     audit.Action = "sso.connect"
	actionDisconnect  audit.Action = "sso.disconnect"
	actionLinkSend    audit.Action = "sso.link_send"
	actionLogout      audit.Action = "sso.logout"
	actionProve       audit.Action = "factor.confirm" // with a provider in place of a factor
)

// Life is how long a session from a provider lives at most: so long may an account that
// was closed there, by a provider that sends no logout, go on working here.
const Life = 8 * time.Hour

// Status is whether people may sign in with a provider.
type Status string

// The statuses, as stored. A removed provider stays as a row, so that it can be told
// through whom somebody signed in.
const (
	Off     Status = "off"
	Active  Status = "active"
	Removed Status = "removed"
)

// Provisioning is how accounts come to be linked.
type Provisioning string

// The ways, as stored.
const (
	Linked Provisioning = "linked" // to accounts that are there
	Group  Provisioning = "group"  // and a mapped group gives a first account
)

// SecondFactor is what a provider's word about a second factor is worth here.
type SecondFactor string

// The values, as stored.
const (
	Never  SecondFactor = "never"  // it is asked for here
	Stated SecondFactor = "stated" // it counts when the token states it
	Always SecondFactor = "always" // the provider always asks for one
)

// Provider is an issuer that an agency trusts, with the client that KoNote is there.
type Provider struct {
	ID             uuid.UUID
	Issuer         string
	ClientID       string
	Secret         string // "" for a public client
	NameEN, NameFR string
	Status         Status
	Provisioning   Provisioning
	LinksByEmail   bool
	SecondFactor   SecondFactor
	StrongACR      string
	GroupClaim     string
	Version        int // 0 before it is saved
}

// Name is what people know it by.
func (p Provider) Name(printer *i18n.Printer) string {
	if printer.French() {
		return p.NameFR
	}
	return p.NameEN
}

// A Mapping gives the members of a directory's group a first account with a role.
type Mapping struct {
	ID      uuid.UUID
	Value   string // of the claim
	Program uuid.UUID
	Role    access.Role
}

// An Identity is whose account a subject opens.
type Identity struct {
	ID         uuid.UUID
	Staff      uuid.UUID
	Provider   uuid.UUID
	How        How
	LinkedAt   time.Time
	LastUsedAt time.Time // zero: never
}

// How an account came to be linked.
type How string

// The ways, as stored.
const (
	ByConnecting How = "connected"
	ByEmail      How = "email"
	ByGroup      How = "group"
	ByInvitation How = "invitation"
)

const (
	maxName   = 60  // characters
	maxIssuer = 300 // bytes
	maxClient = 200
	maxSecret = 500
	maxClaim  = 100
)

// check finds what is wrong with what was typed, by field. Whether the issuer answers
// shows when it is asked.
func (p Provider) check(loopback bool) view.Problems {
	var problems view.Problems
	if p.NameEN == "" || !isLine(p.NameEN, maxName) {
		problems.AddOf(i18n.SsoSettingsNameEn, "name_en", i18n.SsoNameWanted)
	}
	if p.NameFR == "" || !isLine(p.NameFR, maxName) {
		problems.AddOf(i18n.SsoSettingsNameFr, "name_fr", i18n.SsoNameWanted)
	}
	if message := checkIssuer(p.Issuer, loopback); message != nil {
		problems.Add("issuer", message)
	}
	if p.ClientID == "" || !isLine(p.ClientID, maxClient) {
		problems.Add("client_id", i18n.SsoClientWanted)
	}
	if !isLine(p.Secret, maxSecret) {
		problems.Add("client_secret", i18n.SsoSecretWrong)
	}
	if !isLine(p.StrongACR, maxClaim) {
		problems.Add("strong_acr", i18n.SsoClaimWrong)
	}
	if !isLine(p.GroupClaim, maxClaim) || (p.GroupClaim == "" && p.Provisioning == Group) {
		problems.Add("group_claim", i18n.SsoClaimWrong)
	}
	return problems
}

var entraTenant = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// entraHosts sign for every tenant of Entra ID; which one stands in the path.
var entraHosts = map[string]bool{"login.microsoftonline.com": true, "login.microsoftonline.us": true,
	"login.partner.microsoftonline.cn": true, "login.windows.net": true, "sts.windows.net": true}

// personalTenant is where Microsoft keeps people's private accounts.
const personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// checkIssuer looks at the text of an issuer's address; nil when it can be asked. An
// issuer of Entra ID must be one tenant's: "common" and its like sign for the whole world.
func checkIssuer(text string, loopback bool) i18n.Message {
	parsed, err := url.Parse(text)
	if text == "" || len(text) > maxIssuer || err != nil || parsed.RawQuery != "" || parsed.Fragment != "" || parsed.Opaque != "" {
		return i18n.SsoIssuerWanted
	}
	switch err := fetchable(parsed, loopback); err {
	case errPlain:
		return i18n.SsoIssuerPlain
	case errInside:
		return i18n.SsoIssuerInside
	}
	if entraHosts[strings.ToLower(parsed.Hostname())] {
		tenant, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(parsed.Path), "/"), "/")
		if !entraTenant.MatchString(tenant) || tenant == personalTenant {
			return i18n.SsoIssuerCommon
		}
	}
	return nil
}

func isLine(text string, limit int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= limit && !strings.ContainsFunc(text, unicode.IsControl)
}
