package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/web"
)

// Name names a setting.
type Name string

// The settings, with the type of their value in JSON.
const (
	Terms       Name = "terms"        // i18n.Terms: only the words that differ from the defaults
	TimeZone    Name = "time_zone"    // string: a name of the IANA database, America/Toronto
	IdleMinutes Name = "idle_minutes" // int: 5 to 480
	HelpContact Name = "help_contact" // string, one line: whom staff ask; "" for nobody

	AccessTier   Name = "access_tier"       // int: 1 open, 2 role-based, 3 clinical safeguards
	RecordsApart Name = "records_apart"     // bool: keep the records of a participant's programs apart
	ConsentFirst Name = "consent_first"     // bool: no note before consent
	PasswordOff  Name = "password_off"      // bool: only administrators sign in with a password (package sso)
	FrontDesk    Name = "front_desk_fields" // object: field → "hidden", "view" or "edit", where it differs from the default
	SecondFactor Name = "second_factor"     // "optional", "required", or a list of roles, which goes for administrators too
	GrantDays    Name = "grant_max_days"    // int, one of Days: the longest that access may be granted for
)

// Bounds and the default of IdleMinutes.
const (
	MinIdleMinutes     = 5
	MaxIdleMinutes     = 480
	DefaultIdleMinutes = 30
)

// Days are those for which access may be granted, and which of them is the longest may be
// chosen.
var Days = []int{1, 3, 7, 14, 30}

// DefaultGrantDays is the longest where the agency has chosen nothing.
const DefaultGrantDays = 30

const (
	maxHelpContact = 200 // characters
	maxWord        = 40
)

// ErrValue says that a value does not fit its setting; the error that wraps it says
// why, without the value.
var ErrValue = errors.New("settings: the value does not fit")

// Defaults are the settings of an agency that has chosen nothing.
func Defaults() web.AgencySettings {
	return web.AgencySettings{Terms: i18n.DefaultTerms, Zone: i18n.Toronto(), Idle: DefaultIdleMinutes * time.Minute, Access: access.Policy{GrantDays: DefaultGrantDays}}
}

// apply checks a stored or new value and lays it over the settings.
func apply(into *web.AgencySettings, name Name, value []byte) error {
	switch name {
	case Terms:
		own, err := decode[i18n.Terms](value)
		if err != nil {
			return err
		}
		if err := checkTerms(own); err != nil {
			return err
		}
		into.Terms = i18n.DefaultTerms.With(own)
	case TimeZone:
		zone, err := decode[string](value)
		if err != nil {
			return err
		}
		// LoadLocation takes "" for UTC and "Local" for the machine's own clock.
		if into.Zone, err = loadZone(zone); err != nil || !strings.Contains(zone, "/") {
			return fmt.Errorf("%w: not a time zone", ErrValue)
		}
	case IdleMinutes:
		minutes, err := decode[int](value)
		if err != nil {
			return err
		}
		if minutes < MinIdleMinutes || minutes > MaxIdleMinutes {
			return fmt.Errorf("%w: minutes must be from %d to %d", ErrValue, MinIdleMinutes, MaxIdleMinutes)
		}
		into.Idle = time.Duration(minutes) * time.Minute
	case HelpContact:
		contact, err := decode[string](value)
		if err != nil {
			return err
		}
		if !isLine(contact, maxHelpContact) {
			return fmt.Errorf("%w: at most %d characters on one line", ErrValue, maxHelpContact)
		}
		into.HelpContact = contact
	case PasswordOff:
		off, err := decode[bool](value)
		if err != nil {
			return err
		}
		into.PasswordOff = off
	case SecondFactor:
		asks, err := secondFactor(value)
		if err != nil {
			return err
		}
		into.SecondFactor = asks
	default:
		return applyAccess(&into.Access, name, value)
	}
	return nil
}

// applyAccess lays a choice about access over the policy.
func applyAccess(into *access.Policy, name Name, value []byte) (err error) {
	switch name {
	case AccessTier:
		tier, err := decode[int](value)
		if err == nil && (tier < 1 || tier > 3) {
			err = fmt.Errorf("%w: a tier is 1, 2 or 3", ErrValue)
		}
		into.Tier = access.Tier(tier - 1)
		return err
	case RecordsApart:
		into.Apart, err = decode[bool](value)
	case ConsentFirst:
		into.ConsentFirst, err = decode[bool](value)
	case FrontDesk:
		into.FrontDesk, err = frontDesk(value)
	case GrantDays:
		into.GrantDays, err = decode[int](value)
		if err == nil && !slices.Contains(Days, into.GrantDays) {
			err = fmt.Errorf("%w: not one of the days to choose from", ErrValue)
		}
	default:
		return fmt.Errorf("%w: no such setting", ErrValue)
	}
	return err
}

// The values of SecondFactor besides a list of roles.
const (
	FactorOptional = "optional"
	FactorRequired = "required"
)

// secondFactor reads of whom a second factor is asked. A list names each role once.
func secondFactor(value []byte) (web.SecondFactor, error) {
	var asks web.SecondFactor
	if word, err := decode[string](value); err == nil {
		asks.Everybody = word == FactorRequired
		if word != FactorRequired && word != FactorOptional {
			err = fmt.Errorf("%w: optional, required or roles", ErrValue)
		}
		return asks, err
	}
	roles, err := decode[[]access.Role](value)
	for i, role := range roles {
		if err == nil && (!slices.Contains(access.Roles, role) || slices.Contains(roles[:i], role)) {
			err = fmt.Errorf("%w: roles, each once", ErrValue)
		}
	}
	if err == nil && len(roles) == 0 {
		err = fmt.Errorf("%w: at least one role", ErrValue)
	}
	return web.SecondFactor{Roles: roles}, err
}

// frontDesk reads what the front desk may do with fields.
func frontDesk(value []byte) (map[access.Field]access.FieldLevel, error) {
	chosen, err := decode[map[access.Field]string](value)
	if err != nil {
		return nil, err
	}
	levels := make(map[access.Field]access.FieldLevel, len(chosen))
	for field, name := range chosen {
		level := slices.Index(FieldLevels, name)
		if level < 0 || !slices.Contains(access.Fields, field) {
			return nil, fmt.Errorf("%w: no such field or level", ErrValue)
		}
		levels[field] = access.FieldLevel(level)
	}
	return levels, nil
}

// FieldLevels are the names of access.FieldLevel in FrontDesk.
var FieldLevels = []string{"hidden", "view", "edit"}

// zones are those that some agency lives by. Reading one from disk takes longer than
// all other settings together, and every page asks.
var zones sync.Map // name → *time.Location

func loadZone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, zone)
	}
	return zone, err
}

func decode[T any](value []byte) (T, error) {
	var to T
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&to); err != nil {
		return to, fmt.Errorf("%w: not a %T", ErrValue, to)
	}
	return to, nil
}

// checkTerms accepts known languages and concepts with both numbers of a word. Words
// stand inside sentences of the catalogue, so a brace would be taken for a slot.
func checkTerms(own i18n.Terms) error {
	for language, words := range own {
		if language != "en" && language != "fr" {
			return fmt.Errorf("%w: terms are in en and fr", ErrValue)
		}
		for concept, word := range words {
			if !slices.Contains(i18n.Concepts, concept) {
				return fmt.Errorf("%w: no such term", ErrValue)
			}
			for _, form := range []string{word.One, word.Many} {
				if strings.TrimSpace(form) == "" || !isLine(form, maxWord) || strings.ContainsAny(form, "{}") {
					return fmt.Errorf("%w: a term needs one and many, at most %d characters each", ErrValue, maxWord)
				}
			}
		}
	}
	return nil
}

func isLine(text string, limit int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= limit && !strings.ContainsFunc(text, unicode.IsControl)
}
