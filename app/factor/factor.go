package factor

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/i18n"
)

// The audited acts.
const (
	actionStep    audit.Action = "factor.step"    // the second step of a sign-in
	actionConfirm audit.Action = "factor.confirm" // a proof before something that matters
	actionAdd     audit.Action = "factor.add"
	actionRemove  audit.Action = "factor.remove"
	actionCodes   audit.Action = "factor.codes" // a new set of recovery codes
	actionReset   audit.Action = "factor.reset" // by an administrator
)

// Kind is what sort of factor it is.
type Kind string

// The kinds, as stored.
const (
	App     Kind = "totp"
	Passkey Kind = "passkey"
)

const (
	maxFactors = 10 // of one person
	maxName    = 60 // characters
	// pendingFor is how long an app may wait for its first code.
	pendingFor = time.Hour
)

// Factor is one factor that counts, without what proves anything.
type Factor struct {
	ID         uuid.UUID
	Kind       Kind
	Name       string
	CreatedAt  time.Time
	LastUsedAt time.Time // zero: never since it was added
}

// label is what its kind is called.
func (f Factor) label() i18n.Message {
	if f.Kind == Passkey {
		return i18n.FactorKindPasskey
	}
	return i18n.FactorKindApp
}

// tidyName is a name as it is kept; the default where nothing usable was typed.
func tidyName(text, otherwise string) string {
	name := strings.Join(strings.Fields(text), " ")
	if name == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
		return otherwise
	}
	return name
}
