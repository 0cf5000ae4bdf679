package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// FlowLife is how long somebody may take to sign in elsewhere.
const FlowLife = 10 * time.Minute

// Begin keeps what a browser will need when it comes back from elsewhere, and returns
// the cookie that alone finds and opens it. In Redis it is sealed as sessions are.
func (st *Store) Begin(ctx context.Context, agency uuid.UUID, value any) (cookie string, err error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode flow: %w", err)
	}
	token := newToken()
	aead, err := st.aead(token)
	if err != nil {
		return "", err
	}
	key := token.flowKey(agency)
	sealed := aead.Seal(nil, nil, plain, []byte(key))
	if err := st.redis.Set(ctx, key, sealed, FlowLife).Err(); err != nil {
		return "", unavailable("begin flow", err)
	}
	return token.Cookie(), nil
}

// Take gives back what Begin kept, once: of requests that run at the same time one gets
// it, and it is gone also when it does not open. Errors: ErrNone, ErrUnavailable.
func (st *Store) Take(ctx context.Context, agency uuid.UUID, cookie string, into any) error {
	token, err := parseToken(cookie)
	if err != nil {
		return err
	}
	key := token.flowKey(agency)
	sealed, err := st.redis.GetDel(ctx, key).Result()
	if errors.Is(err, redis.Nil) {
		return ErrNone
	}
	if err != nil {
		return unavailable("take flow", err)
	}
	aead, err := st.aead(token)
	if err != nil {
		return err
	}
	plain, err := aead.Open(nil, nil, []byte(sealed), []byte(key))
	if err != nil {
		return fmt.Errorf("%w: the seal does not open", ErrNone)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("%w: the content cannot be read", ErrNone)
	}
	return nil
}

// Once says whether a name is new at an agency, and keeps it for a while: a token that
// may be used once. The name itself is not in Redis.
func (st *Store) Once(ctx context.Context, agency uuid.UUID, name string, life time.Duration) (bool, error) {
	err := st.redis.SetArgs(ctx, "u:"+tag(agency)+st.name(agency, []byte("once:"+name)), "1", redis.SetArgs{Mode: "NX", TTL: life}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, unavailable("note a name", err)
}
