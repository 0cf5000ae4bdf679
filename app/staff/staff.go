package staff

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/view"
)

// The audited acts.
const (
	actionSignIn         audit.Action = "staff.sign_in"
	actionSignInFailed   audit.Action = "staff.sign_in_failed"
	actionSignOut        audit.Action = "staff.sign_out"
	actionWorkIn         audit.Action = "staff.work_in"
	actionPasswordChange audit.Action = "staff.password_change"
	actionCreate         audit.Action = "staff.create"
	actionDeactivate     audit.Action = "staff.deactivate"
	actionRoleGrant      audit.Action = "staff.role_grant"
	actionRoleRemove     audit.Action = "staff.role_remove"
)

// Status is whether an account may be used.
type Status string

// The statuses, as stored.
const (
	StatusActive      Status = "active"
	StatusDeactivated Status = "deactivated"
)

// Staff is one account, without anything that proves who its owner is.
type Staff struct {
	ID           uuid.UUID
	DisplayName  string
	Email        string // "" for none
	Username     string // "" for none
	Admin        bool
	Status       Status
	Language     string // "en" or "fr"
	LastSignInAt time.Time
}

// Member is a member of staff in a list. Role is the one held in the program that was
// asked for, "" in lists that are about no program.
type Member struct {
	ID   uuid.UUID
	Name string
	Role access.Role
}

// New is an account to be made. It needs an e-mail address or a user name.
type New struct {
	DisplayName  string
	Email        string
	Username     string
	PasswordHash string // of Hasher.Hash, or a hash of Django's; "" for an account without a password
	Admin        bool
	Language     string // "en" or "fr"; "" is English
}

const (
	maxName     = 120 // characters
	maxEmail    = 254 // bytes
	maxUsername = 64  // characters
)

// tidy takes off what surrounds the fields and fills in the language.
func (n New) tidy() New {
	n.DisplayName = strings.Join(strings.Fields(n.DisplayName), " ")
	n.Email = strings.TrimSpace(n.Email)
	n.Username = strings.TrimSpace(n.Username)
	if n.Language == "" {
		n.Language = "en"
	}
	return n
}

// Check finds what is wrong with a new account, by field: name, email, username,
// language. Whether the e-mail address or user name is taken shows in Insert.
func (n New) Check() view.Problems {
	n = n.tidy()
	var problems view.Problems
	if n.DisplayName == "" || utf8.RuneCountInString(n.DisplayName) > maxName || strings.ContainsFunc(n.DisplayName, unicode.IsControl) {
		problems.Add("name", i18n.StaffNameWanted)
	}
	if n.Email == "" && n.Username == "" {
		problems.Add("email", i18n.StaffLoginWanted)
	}
	if n.Email != "" && !isEmail(normal(n.Email)) {
		problems.Add("email", i18n.StaffEmailWrong)
	}
	if n.Username != "" && !isUsername(normal(n.Username)) {
		problems.Add("username", i18n.StaffUsernameWrong)
	}
	if n.Language != "en" && n.Language != "fr" {
		problems.Add("language", i18n.StaffLanguageWrong)
	}
	if n.PasswordHash != "" {
		if _, err := parseHash(n.PasswordHash); err != nil {
			problems.Add("password", i18n.StaffHashWrong)
		}
	}
	return problems
}

// normal makes one text of the ways in which an e-mail address or user name may be
// typed: upper case, spaces around it, full-width letters.
func normal(login string) string {
	return norm.NFKC.String(strings.ToLower(strings.TrimSpace(norm.NFKC.String(login))))
}

// isEmail looks at a normal text. Only a mail that arrives proves an address.
func isEmail(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && strings.Contains(strings.Trim(domain, "."), ".") && !strings.Contains(domain, "@") &&
		len(text) <= maxEmail && !strings.ContainsFunc(text, isBlank)
}

// isUsername looks at a normal text. A user name has no @, so that nobody can take
// another person's e-mail address for one.
func isUsername(text string) bool {
	return !strings.Contains(text, "@") && utf8.RuneCountInString(text) <= maxUsername && !strings.ContainsFunc(text, isBlank)
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

// RoleLabel is what a role is called.
func RoleLabel(role access.Role) i18n.Message {
	switch role {
	case access.FrontDesk:
		return i18n.StaffRoleFrontDesk
	case access.DirectService:
		return i18n.StaffRoleDirectService
	case access.ProgramManager:
		return i18n.StaffRoleProgramManager
	case access.Executive:
		return i18n.StaffRoleExecutive
	}
	return nil
}

// roleText says in a sentence what a role opens.
func roleText(role access.Role) i18n.Message {
	switch role {
	case access.FrontDesk:
		return i18n.StaffRoleFrontDeskText
	case access.DirectService:
		return i18n.StaffRoleDirectServiceText
	case access.ProgramManager:
		return i18n.StaffRoleProgramManagerText
	case access.Executive:
		return i18n.StaffRoleExecutiveText
	}
	return nil
}
