package session

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

var (
	// ErrNone says that there is no such session, or not any more.
	ErrNone = errors.New("session: none")
	// ErrUnavailable says that Redis did not answer. Nobody is signed in by it.
	ErrUnavailable = errors.New("session: store unavailable")
)

const (
	// Absolute is how long a session lives at most.
	Absolute = 12 * time.Hour
	// MinIdle and MaxIdle bound the agency's setting; see [Idle].
	MinIdle, MaxIdle = 5 * time.Minute, 480 * time.Minute
	// DefaultIdle stands for an agency that has not chosen.
	DefaultIdle = 30 * time.Minute
	// touchEvery keeps a busy page from writing at every request.
	touchEvery = 20 * time.Second
)

// Strength is how a person proved who she is.
type Strength string

const (
	// Password is a sign-in with one proof alone. What it is worth is decided at every
	// request: for somebody who has a second factor, or must have one, it opens nothing
	// but the second step (package web).
	Password Strength = "password"
	// Full is a sign-in with two proofs.
	Full Strength = "full"
)

// Session is what Redis keeps of a signed-in browser, sealed.
type Session struct {
	Staff     uuid.UUID     `json:"staff"`
	Agency    uuid.UUID     `json:"agency"`
	Strength  Strength      `json:"strength"`
	StartedAt time.Time     `json:"started_at"`
	EndsAt    time.Time     `json:"ends_at,omitzero"`   // at the latest; zero: [Absolute] after StartedAt
	ProvedAt  time.Time     `json:"proved_at,omitzero"` // when she last proved who she is
	SeenAt    time.Time     `json:"seen_at"`
	IdleLimit time.Duration `json:"idle"` // as it was when last seen
	// Flash is the short line for the next page, by language.
	Flash map[string]string `json:"flash,omitempty"`
	// Program is where she has chosen to work; uuid.Nil: nowhere in particular.
	Program uuid.UUID `json:"program,omitzero"`
	// Query is what was searched for last: it holds names, which no address may.
	Query string `json:"query,omitempty"`
	// Outside is there when the session rests on a sign-in elsewhere; nil: on one here.
	Outside *Outside `json:"outside,omitempty"`
	// Challenge is what a passkey is asked to sign, with what belongs to it. It is good
	// for one answer.
	Challenge string `json:"challenge,omitempty"`

	token  Token
	key    string // in Redis
	stored string // value in Redis that this was opened from
}

// Token is the cookie's value.
func (s *Session) Token() Token { return s.token }

// String hides the session from logs.
func (Session) String() string { return "[session]" }

// GoString hides the session from %#v.
func (Session) GoString() string { return "[session]" }

// LogValue hides the session from slog.
func (Session) LogValue() slog.Value { return slog.StringValue("[session]") }

// Left is how long the session lives if no further request comes: until the idle
// limit or the absolute one, whichever is first.
func (s *Session) Left(now time.Time) time.Duration {
	return min(s.IdleLimit-now.Sub(s.SeenAt), s.left(now))
}

// Idle brings an agency's setting within bounds; zero is the default.
func Idle(setting time.Duration) time.Duration {
	if setting == 0 {
		return DefaultIdle
	}
	return min(max(setting, MinIdle), MaxIdle)
}

// Store is the sessions of every agency. It is safe for concurrent use.
type Store struct {
	redis  redis.UniversalClient
	secret []byte
	names  []byte // key of the HMAC that names a person's index
	// devices seals what is told of sessions in lists; see SetDevice.
	devices cipher.AEAD
	now     func() time.Time
}

// New makes a store. secret is the platform's, at least 32 bytes, the same in every
// process; when it changes, everybody signs in again.
func New(client redis.UniversalClient, secret []byte, now func() time.Time) (*Store, error) {
	if len(secret) < 32 {
		return nil, errors.New("session: the secret is shorter than 32 bytes")
	}
	names, err := hkdf.Key(sha256.New, secret, nil, "konote/session/index/v1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive index key: %w", err)
	}
	devices, err := deviceSeal(secret)
	if err != nil {
		return nil, err
	}
	return &Store{redis: client, secret: secret, names: names, devices: devices, now: func() time.Time { return now().UTC() }}, nil
}

// Start begins a session for a person who has just proved who she is. at is when the
// proof was noted in the agency's database: what ends her sessions there goes by it.
func (st *Store) Start(ctx context.Context, agency, staff uuid.UUID, at time.Time, strength Strength, idle time.Duration) (*Session, error) {
	now := st.now()
	s := &Session{Staff: staff, Agency: agency, Strength: strength, StartedAt: at.UTC(), ProvedAt: at.UTC(), SeenAt: now, IdleLimit: Idle(idle)}
	s.token = newToken()
	s.key = s.token.key(agency)
	value, err := st.seal(s)
	if err != nil {
		return nil, err
	}
	keys := []string{s.key, st.index(agency, staff)}
	if err := startScript.Run(ctx, st.redis, keys, value, s.ttl(now), s.key, now.Add(Absolute).UnixMilli(), now.UnixMilli(),
		Absolute.Milliseconds()).Err(); err != nil {
		return nil, unavailable("start session", err)
	}
	s.stored = value
	return s, nil
}

// Load finds the living session of a cookie at an agency. Errors: ErrNone,
// ErrUnavailable.
func (st *Store) Load(ctx context.Context, agency uuid.UUID, cookie string) (*Session, error) {
	token, err := parseToken(cookie)
	if err != nil {
		return nil, err
	}
	key := token.key(agency)
	value, err := st.redis.Get(ctx, key).Result()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, unavailable("load session", err)
	}
	s, err := st.open(token, key, value)
	if err != nil {
		return nil, err
	}
	if s.Agency != agency || s.Left(st.now()) <= 0 {
		return nil, ErrNone
	}
	return s, nil
}

// Touch notes a request, under the idle limit in force now. It returns ErrNone when
// that limit has passed, and then the session is ended.
func (st *Store) Touch(ctx context.Context, s *Session, idle time.Duration) error {
	if err := st.Check(ctx, s, idle); err != nil {
		return err
	}
	now := st.now()
	if now.Sub(s.SeenAt) < touchEvery && s.IdleLimit == Idle(idle) {
		return nil
	}
	return st.Extend(ctx, s, idle)
}

// Check is Touch for requests that must not keep a session alive.
func (st *Store) Check(ctx context.Context, s *Session, idle time.Duration) error {
	if st.now().Sub(s.SeenAt) < Idle(idle) {
		return nil
	}
	if err := st.End(ctx, s); err != nil {
		return err
	}
	return ErrNone
}

// Extend notes a request at once: a person asked to stay signed in.
func (st *Store) Extend(ctx context.Context, s *Session, idle time.Duration) error {
	now := st.now()
	return st.change(ctx, s, func(s *Session) bool {
		if now.After(s.SeenAt) {
			s.SeenAt = now
		}
		s.IdleLimit = Idle(idle)
		return true
	})
}

// SetQuery keeps what was searched for, for the page of results.
func (st *Store) SetQuery(ctx context.Context, s *Session, query string) error {
	return st.change(ctx, s, func(s *Session) bool { s.Query = query; return true })
}

// SetProgram keeps where she has chosen to work.
func (st *Store) SetProgram(ctx context.Context, s *Session, program uuid.UUID) error {
	return st.change(ctx, s, func(s *Session) bool { s.Program, s.Query = program, ""; return true })
}

// SetFlash keeps a line for the next page.
func (st *Store) SetFlash(ctx context.Context, s *Session, flash map[string]string) error {
	return st.change(ctx, s, func(s *Session) bool { s.Flash = flash; return true })
}

// TakeFlash returns the line for this page and forgets it. Of requests that run at
// the same time one gets it.
func (st *Store) TakeFlash(ctx context.Context, s *Session) (map[string]string, error) {
	var taken map[string]string
	err := st.change(ctx, s, func(s *Session) bool {
		taken, s.Flash = s.Flash, nil
		return taken != nil
	})
	return taken, err
}

// SetChallenge keeps what a passkey is asked to sign; an earlier one is forgotten.
func (st *Store) SetChallenge(ctx context.Context, s *Session, challenge string) error {
	return st.change(ctx, s, func(s *Session) bool { s.Challenge = challenge; return true })
}

// TakeChallenge returns what a passkey was asked to sign and forgets it. Of requests
// that run at the same time one gets it; the others get "".
func (st *Store) TakeChallenge(ctx context.Context, s *Session) (string, error) {
	taken := ""
	err := st.change(ctx, s, func(s *Session) bool {
		taken, s.Challenge = s.Challenge, ""
		return taken != ""
	})
	return taken, err
}

// Rotate gives the session a new id and a new secret and ends the old ones, at once
// and together, when something about the person's account has changed. The session
// counts as begun at the given time, for what ends those that began before; it lives no
// longer for it.
func (st *Store) Rotate(ctx context.Context, s *Session, at time.Time) (*Session, error) {
	fresh := *s
	fresh.StartedAt, fresh.EndsAt = at.UTC(), s.end()
	return st.renew(ctx, s, &fresh)
}

// Prove gives the session a new id and a new secret like Rotate because its owner has
// just proved who she is: with a second factor, or once more with what she has. It has
// begun when it began: what has ended her sessions meanwhile ends this one too, and it
// lives no longer for it.
func (st *Store) Prove(ctx context.Context, s *Session, strength Strength) (*Session, error) {
	fresh := *s
	fresh.ProvedAt, fresh.Strength, fresh.Challenge = st.now(), strength, ""
	return st.renew(ctx, s, &fresh)
}

func (st *Store) renew(ctx context.Context, s, fresh *Session) (*Session, error) {
	fresh.token = newToken()
	fresh.key = fresh.token.key(s.Agency)
	value, err := st.seal(fresh)
	if err != nil {
		return nil, err
	}
	keys := append([]string{s.key, fresh.key}, st.indexes(s)...)
	done, err := rotateScript.Run(ctx, st.redis, keys, value, fresh.ttl(st.now()), fresh.end().UnixMilli(), Absolute.Milliseconds()).Int()
	if err != nil {
		return nil, unavailable("rotate session", err)
	}
	if done == 0 {
		return nil, ErrNone
	}
	fresh.stored = value
	return fresh, nil
}

// End ends a session. Ending one that has ended is no error.
func (st *Store) End(ctx context.Context, s *Session) error {
	keys := []string{s.key, st.index(s.Agency, s.Staff)}
	return unavailable("end session", endScript.Run(ctx, st.redis, keys).Err())
}

// EndAll ends every session of a person except the given one (nil: none is spared)
// and returns how many were alive: a password was changed, an account was closed,
// somebody asked to be signed out everywhere.
func (st *Store) EndAll(ctx context.Context, agency, staff uuid.UUID, except *Session) (int, error) {
	spared := ""
	if except != nil {
		spared = except.key
	}
	ended, err := endAllScript.Run(ctx, st.redis, []string{st.index(agency, staff)}, spared).Int()
	return ended, unavailable("end all sessions", err)
}

// Ping asks Redis whether it answers.
func (st *Store) Ping(ctx context.Context) error {
	return unavailable("ping", st.redis.Ping(ctx).Err())
}

// index names the set of a person's sessions.
func (st *Store) index(agency, staff uuid.UUID) string {
	return "i:" + tag(agency) + st.name(agency, staff[:])
}

// name hides what an index is of.
func (st *Store) name(agency uuid.UUID, of []byte) string {
	mac := hmac.New(sha256.New, st.names)
	mac.Write(agency[:])
	mac.Write(of)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// tag keeps the keys of an agency in one slot of a Redis cluster.
func tag(agency uuid.UUID) string { return "{" + agency.String() + "}:" }

// ttl is how long Redis keeps the session, in milliseconds.
func (s *Session) ttl(now time.Time) int64 { return max(s.Left(now).Milliseconds(), 1) }

func unavailable(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: %w", verb, ErrUnavailable, err)
}
