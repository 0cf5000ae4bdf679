package staff

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/limit"
	"konote/app/session"
	"konote/tenancy"
)

// Create makes an account with a password, for the command `user create`: it checks and
// hashes the password and inserts the account in a transaction of its own. n's
// PasswordHash is left empty. Errors: fault.Invalid with what is wrong, fault.Limited,
// and those of Agency.Update.
func Create(ctx context.Context, agency *tenancy.Agency, hasher *Hasher, by audit.By, n New, password string) (uuid.UUID, error) {
	if err := CheckPassword(password, ownWords(agency, n.DisplayName, n.Email, n.Username)...); err != nil {
		return uuid.Nil, err
	}
	hash, err := hasher.Hash(ctx, password)
	if err != nil {
		return uuid.Nil, err
	}
	n.PasswordHash = hash
	var id uuid.UUID
	err = agency.Update(ctx, func(tx *tenancy.Tx) error {
		id, err = Insert(ctx, tx, by, n)
		return err
	})
	return id, err
}

// Deactivate closes an account and ends its sessions at once. The account's name stays
// on what she did. A fault.Missing says that there is no such active account. When Redis
// is down the account is closed all the same: every request asks Visitor, which refuses
// it; the error says fault.Unavailable then.
func Deactivate(ctx context.Context, agency *tenancy.Agency, sessions *session.Store, by audit.By, id uuid.UUID) error {
	err := agency.Update(ctx, func(tx *tenancy.Tx) error {
		found, err := lockStandings(ctx, tx, id, id)
		if err != nil {
			return err
		}
		if s := found[id]; s.Status == StatusActive {
			return deactivate(ctx, tx, by, s)
		}
		return fault.Missing()
	})
	if err != nil {
		return err
	}
	return endSessions(ctx, sessions, agency.ID, id, nil)
}

// deactivate closes an active account that is locked. The last administrator's stays open.
func deactivate(ctx context.Context, tx *tenancy.Tx, by audit.By, s Standing) error {
	if s.Admin {
		if err := keepsAdmin(ctx, tx, s.ID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, sqlDeactivate, s.ID, tx.Now()); err != nil {
		return fmt.Errorf("deactivate: %w", err)
	}
	return audit.Record(ctx, tx, by, audit.Event{
		Action: actionDeactivate, Subject: s.ID,
		Before: map[string]Status{"status": StatusActive}, After: map[string]Status{"status": StatusDeactivated},
	})
}

// messageOf is what a fault says.
func messageOf(err error) i18n.Message {
	if f := (*fault.Fault)(nil); errors.As(err, &f) {
		return f.Message
	}
	return nil
}

// endSessions ends all of a person's sessions but one, which may be nil.
func endSessions(ctx context.Context, sessions *session.Store, agency, id uuid.UUID, except *session.Session) error {
	_, err := sessions.EndAll(ctx, agency, id, except)
	return down(err)
}

// down makes Redis not answering something that a person can be told.
func down(err error) error {
	if errors.Is(err, session.ErrUnavailable) || errors.Is(err, limit.ErrUnavailable) {
		return fault.Wrap(err, fault.Unavailable, i18n.StaffUnavailable)
	}
	return err
}

// ownWords are what somebody who knows the agency or the person would try first.
func ownWords(agency *tenancy.Agency, person ...string) []string {
	return append(person, agency.Subdomain, agency.NameEN, agency.NameFR)
}
