package session

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Outside says that a session rests on a sign-in elsewhere. The other side may close the
// account there and not say so, hence an end of its own.
type Outside struct {
	// Ends is when the session ends at the latest, whatever is proved here meanwhile.
	Ends time.Time `json:"ends"`
	// Mark is what the other side calls its session: [Store.EndOutside] ends by it. It is
	// sealed with the session, and its index in Redis is named by a keyed hash.
	Mark string `json:"mark,omitempty"`
}

// end is when the session ends at the latest by our own rule: twelve hours after the
// sign-in, whatever its id and StartedAt were changed to since.
func (s *Session) end() time.Time {
	if s.EndsAt.IsZero() {
		return s.StartedAt.Add(Absolute)
	}
	return s.EndsAt
}

// left is how long the session may live at most, however busy.
func (s *Session) left(now time.Time) time.Duration {
	left := s.end().Sub(now)
	if s.Outside != nil {
		left = min(left, s.Outside.Ends.Sub(now))
	}
	return left
}

// indexes are the sets that the session is in: the person's, and that of its mark.
func (st *Store) indexes(s *Session) []string {
	keys := []string{st.index(s.Agency, s.Staff)}
	if s.Outside != nil && s.Outside.Mark != "" {
		keys = append(keys, st.outsideIndex(s.Agency, s.Outside.Mark))
	}
	return keys
}

func (st *Store) outsideIndex(agency uuid.UUID, mark string) string {
	return "o:" + tag(agency) + st.name(agency, []byte("outside:"+mark))
}

// SetOutside notes that a session that has just begun rests on a sign-in elsewhere. proved
// is when the person proved there who she is; zero when that is not known, and then she has
// proved nothing lately.
func (st *Store) SetOutside(ctx context.Context, s *Session, outside Outside, proved time.Time) error {
	ends := outside.Ends.UnixMilli()
	if outside.Mark != "" { // first: a session that was ended by its mark stays ended
		err := markScript.Run(ctx, st.redis, []string{st.outsideIndex(s.Agency, outside.Mark)}, s.key, ends, Absolute.Milliseconds()).Err()
		if err != nil {
			return unavailable("mark session", err)
		}
	}
	return st.change(ctx, s, func(s *Session) bool { s.Outside, s.ProvedAt = &outside, proved.UTC(); return true })
}

// EndOutside ends the sessions that rest on one sign-in elsewhere, and returns how many
// were alive.
func (st *Store) EndOutside(ctx context.Context, agency uuid.UUID, mark string) (int, error) {
	ended, err := endAllScript.Run(ctx, st.redis, []string{st.outsideIndex(agency, mark)}, "").Int()
	return ended, unavailable("end sessions from outside", err)
}
