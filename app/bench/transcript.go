package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"konote/tenancy"
)

// A transcript is what a request had Postgres do, read from the server's log: it cannot
// differ from what the product does. Sent again, its ids and moments are made to fit.
type transcript struct {
	role         string // of the agency
	transactions [][]statement
}

type statement struct {
	sql  string
	args []argument
}

// An argument is a text in the log, or an id or several, or one of those that change.
type argument struct {
	kind  argumentKind
	value any
	ids   []argument // of an array
}

type argumentKind uint8

const (
	fixed argumentKind = iota
	theParticipant
	theWorker
	newID  // made by the request
	moment // the time of the request
	list   // an array of ids
)

// record runs f with the log open and reads what the agency's transactions did.
func (b *bench) record(ctx context.Context, a *agency, worker, participant uuid.UUID, f func() error) (*transcript, error) {
	conn, err := b.superuser(ctx, opsDatabase)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	file, err := os.Open(filepath.Join(home, "postgres.log"))
	if err != nil {
		return nil, fmt.Errorf("open the log of Postgres: %w", err)
	}
	defer file.Close()
	if err := switchLog(ctx, conn, sqlLogPrefix, sqlLogAll); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		return nil, fmt.Errorf("read the log of Postgres: %w", err)
	}
	began := time.Now()
	err = f()
	ended := time.Now()
	if err := errors.Join(err, switchLog(ctx, conn, sqlLogNone)); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the log of Postgres: %w", err)
	}
	t := &transcript{role: a.Role()}
	fit := func(text string) argument { return fitting(text, worker, participant, began, ended) }
	if t.transactions, err = readLog(string(text), a.Role(), fit); err != nil {
		return nil, err
	}
	return t, nil
}

// logReaches is when all backends have heard of a new setting.
const logReaches = 300 * time.Millisecond

func switchLog(ctx context.Context, conn *pgx.Conn, changes ...string) error {
	for _, sql := range append(changes, sqlReload) {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("have Postgres log statements: %w", err)
		}
	}
	time.Sleep(logReaches)
	return nil
}

var (
	logLine    = regexp.MustCompile(`(?m)^\[(\d+)\] (LOG|DETAIL):  `)
	sent       = regexp.MustCompile(`^(statement|execute [^:]+): `)
	takesRole  = regexp.MustCompile(`SET LOCAL ROLE "(\w+)"$`)
	parameters = regexp.MustCompile(`(?i)^parameters: `)
)

// readLog finds the transactions of a role: what was sent between SET LOCAL ROLE and COMMIT.
func readLog(log, role string, fit func(string) argument) ([][]statement, error) {
	var done [][]statement
	open := map[string][]statement{} // by backend
	starts := logLine.FindAllStringSubmatchIndex(log, -1)
	for i, at := range starts {
		end := len(log)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		backend := log[at[2]:at[3]]
		entry := strings.ReplaceAll(strings.TrimRight(log[at[1]:end], "\n"), "\n\t", "\n")
		sql := sent.ReplaceAllString(entry, "")
		current, isOpen := open[backend]
		switch {
		case takesRole.MatchString(sql):
			if takesRole.FindStringSubmatch(sql)[1] == role {
				open[backend] = []statement{}
			}
		case !isOpen:
		case strings.EqualFold(sql, "commit"):
			done = append(done, current)
			delete(open, backend)
		case sql != entry:
			open[backend] = append(current, statement{sql: sql})
		case parameters.MatchString(entry) && len(current) > 0:
			values, err := readParameters(parameters.ReplaceAllString(entry, ""))
			if err != nil {
				return nil, err
			}
			for _, value := range values {
				argument := argument{}
				if value != nil {
					argument = fit(*value)
				}
				current[len(current)-1].args = append(current[len(current)-1].args, argument)
			}
		}
	}
	if len(done) == 0 || len(open) > 0 {
		return nil, errors.New("the log of Postgres does not show the transactions of the request")
	}
	return done, nil
}

var parameter = regexp.MustCompile(`^(?:, )?\$\d+ = (NULL|'(?s:(?:[^']|'')*)')`)

// readParameters reads $1 = 'it”s', $2 = NULL; nil is NULL.
func readParameters(text string) ([]*string, error) {
	var values []*string
	for text != "" {
		found := parameter.FindStringSubmatch(text)
		if found == nil {
			return nil, errors.New("the log of Postgres holds parameters that cannot be read")
		}
		text = text[len(found[0]):]
		if found[1] == "NULL" {
			values = append(values, nil)
			continue
		}
		value := strings.ReplaceAll(found[1][1:len(found[1])-1], "''", "'")
		values = append(values, &value)
	}
	return values, nil
}

var arrayOfIDs = regexp.MustCompile(`^\{[0-9a-f-]{36}(,[0-9a-f-]{36})*\}$`)

// fitting says what an argument stands for: ids of version 7 tell when they were made.
func fitting(text string, worker, participant uuid.UUID, began, ended time.Time) argument {
	if encoded, ok := strings.CutPrefix(text, `\x`); ok {
		if bytes, err := hex.DecodeString(encoded); err == nil {
			return argument{value: bytes}
		}
	}
	if id, err := uuid.Parse(text); err == nil && len(text) == 36 {
		a := argument{value: id}
		seconds, nanoseconds := id.Time().UnixTime()
		made := time.Unix(seconds, nanoseconds)
		switch {
		case id == participant:
			a.kind = theParticipant
		case id == worker:
			a.kind = theWorker
		case id.Version() == 7 && !made.Before(began.Truncate(time.Millisecond)) && !made.After(ended):
			a.kind = newID
		}
		return a
	}
	if arrayOfIDs.MatchString(text) {
		a := argument{kind: list}
		for _, one := range strings.Split(text[1:len(text)-1], ",") {
			a.ids = append(a.ids, fitting(one, worker, participant, began, ended))
		}
		return a
	}
	if at, err := time.Parse("2006-01-02 15:04:05.999999-07", text); err == nil && !at.Before(began.Truncate(time.Millisecond)) && !at.After(ended) {
		return argument{kind: moment}
	}
	return argument{value: text}
}

// without leaves out the statements that name a table.
func (t *transcript) without(table string) *transcript {
	less := &transcript{role: t.role}
	for _, transaction := range t.transactions {
		less.transactions = append(less.transactions, slices.DeleteFunc(slices.Clone(transaction), func(s statement) bool {
			return strings.Contains(s.sql, table)
		}))
	}
	return less
}

func (t *transcript) count() int {
	n := 0
	for _, transaction := range t.transactions {
		n += len(transaction)
	}
	return n
}

// A replay sends a transcript again, for another worker and participant. What the request
// made anew is made anew, and has the same id wherever it is named.
type replay struct {
	worker, participant uuid.UUID
	made                map[uuid.UUID]uuid.UUID
}

func again(worker, participant uuid.UUID) *replay {
	return &replay{worker, participant, map[uuid.UUID]uuid.UUID{}}
}

func (r *replay) values(s statement) []any {
	values := make([]any, len(s.args))
	for i, a := range s.args {
		switch a.kind {
		case moment:
			values[i] = time.Now()
		case list:
			ids := make([]uuid.UUID, len(a.ids))
			for i, one := range a.ids {
				ids[i] = r.id(one)
			}
			values[i] = ids
		case fixed:
			values[i] = a.value
		default:
			values[i] = r.id(a)
		}
	}
	return values
}

func (r *replay) id(a argument) uuid.UUID {
	switch a.kind {
	case theParticipant:
		return r.participant
	case theWorker:
		return r.worker
	case newID:
		old := a.value.(uuid.UUID)
		if r.made[old] == uuid.Nil {
			r.made[old] = tenancy.NewID()
		}
		return r.made[old]
	}
	return a.value.(uuid.UUID)
}

// send does it all again in one transaction with one batch: begin, statements, commit.
func (t *transcript) send(ctx context.Context, conn *pgx.Conn, worker, participant uuid.UUID) error {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: `BEGIN; SET LOCAL ROLE "` + t.role + `"`})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	batch, r := &pgx.Batch{}, again(worker, participant)
	for _, transaction := range t.transactions {
		for _, s := range transaction {
			batch.Queue(s.sql, r.values(s)...)
		}
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("send the statements: %w", err)
	}
	return tx.Commit(ctx)
}

// sealed are the lengths of the sealed values that it reads about a participant.
func (t *transcript) sealed(ctx context.Context, conn *pgx.Conn, worker, participant uuid.UUID) (lengths []int, err error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: `BEGIN; SET LOCAL ROLE "` + t.role + `"`})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	r := again(worker, participant)
	for _, transaction := range t.transactions {
		for _, s := range transaction {
			rows, err := tx.Query(ctx, s.sql, r.values(s)...)
			if err != nil {
				return nil, fmt.Errorf("read the sealed values: %w", err)
			}
			for rows.Next() {
				for i, value := range rows.RawValues() {
					if rows.FieldDescriptions()[i].DataTypeOID == pgtype.ByteaOID && len(value) > envelope {
						lengths = append(lengths, len(value))
					}
				}
			}
			if rows.Close(); rows.Err() != nil {
				return nil, fmt.Errorf("read the sealed values: %w", rows.Err())
			}
		}
	}
	return lengths, nil
}

// envelope is what the smallest sealed value is longer than: nonce and tag.
const envelope = 12 + 16

// connections are n bare connections, as the product's login.
func (b *bench) connections(ctx context.Context, n int) ([]*pgx.Conn, func(), error) {
	config, err := pgx.ParseConfig(b.settings.DatabaseURL)
	if err != nil {
		return nil, nil, errors.New("the database address cannot be read")
	}
	config.RuntimeParams["search_path"] = ""
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["jit"] = "off"
	config.RuntimeParams["plan_cache_mode"] = "force_generic_plan" // as the platform does
	var open []*pgx.Conn
	closeAll := func() {
		for _, conn := range open {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	}
	for range n {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("connect: %w", err)
		}
		open = append(open, conn)
	}
	return open, closeAll, nil
}
