package main

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"konote/app/i18n"
	"konote/app/server"
	"konote/app/session"
	"konote/app/staff"
	"konote/app/view"
	"konote/app/web"
)

// small is the agency that most sections use: as large as most will be.
func (b *bench) small(ctx context.Context) (*agency, error) {
	return b.agencyOf(ctx, "bench-small", 2000, 20_000)
}

// measurePage opens the pages of an agency's participants.
func measurePage(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.small(ctx)
	if err != nil {
		return nil, err
	}
	return b.pageAgainstFloor(ctx, a, visits{"participant page", "", b.free.Participants().Show})
}

// pageAgainstFloor compares a page about a participant over HTTP (session, permission,
// audit record) with a floor made of its parts, each bare: 1 / (1/SQL + 1/template +
// 1/session + 1/decryption).
func (b *bench) pageAgainstFloor(ctx context.Context, a *agency, v visits) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, clients)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	visit := func(client int) error {
		return browsers[client].get(pathOf(a.people[rand.IntN(len(a.people))].id) + v.tab)
	}

	seen := a.people[0].id
	if err := together(clients, visit); err != nil { // statements are prepared, keys are there
		return nil, err
	}
	log, err := b.record(ctx, a, a.workers[0], seen, func() error { return browsers[0].get(pathOf(seen) + v.tab) })
	if err != nil {
		return nil, err
	}
	size := len(browsers[0].body)
	drawing, err := b.drawing(ctx, a, v, seen.String(), size)
	if err != nil {
		return nil, err
	}
	conns, closeConns, err := b.connections(ctx, clients)
	if err != nil {
		return nil, err
	}
	defer closeConns()
	lengths, err := log.sealed(ctx, conns[0], a.workers[0], seen)
	if err != nil {
		return nil, err
	}
	open, err := bareOpening(lengths)
	if err != nil {
		return nil, err
	}
	key, err := b.sessionKey(ctx)
	if err != nil {
		return nil, err
	}

	long, short := pick(b, 3*time.Second, time.Second), pick(b, 1500*time.Millisecond, 500*time.Millisecond)
	var buffers [clients]bytes.Buffer
	var spent [5][]float64
	arms, err := rounds(ctx, pick(b, 5, 2),
		b.spending(&spent[0], long, b.profiled("page"+strings.ReplaceAll(v.tab, "/", "-"), func() (float64, error) { return throughput(clients, long, visit) })),
		b.spending(&spent[1], short, func() (float64, error) {
			return throughput(clients, short, func(client int) error {
				return log.send(ctx, conns[client], a.workers[client], a.people[rand.IntN(len(a.people))].id)
			})
		}),
		b.spending(&spent[2], short, func() (float64, error) {
			return throughput(clients, short, func(client int) error {
				buffers[client].Reset()
				return drawing.Render(ctx, &buffers[client])
			})
		}),
		b.spending(&spent[3], short, func() (float64, error) {
			return throughput(clients, short, func(int) error { return b.free.Redis.Get(ctx, key).Err() })
		}),
		b.spending(&spent[4], short, func() (float64, error) { return throughput(clients, short, func(int) error { return open() }) }),
	)
	if err != nil {
		return nil, err
	}
	composed := make([]float64, len(arms[0]))
	for i := range composed {
		composed[i] = 1 / (1/arms[1][i] + 1/arms[2][i] + 1/arms[3][i] + 1/arms[4][i])
	}
	times, err := latencies(clients, pick(b, 4000, 1000), func(client, _ int) error { return visit(client) })
	if err != nil {
		return nil, err
	}
	return []row{
		rates(v.what+" over HTTP, 8 clients", arms[0], composed, 0.6),
		told(fmt.Sprintf("floor: its %d statements bare, one batch", log.count()), perSecond(middle(arms[1]))),
		told(fmt.Sprintf("floor: its template bare, %.1f KB", float64(size)/1000), perSecond(middle(arms[2]))),
		told("floor: GET of the session", perSecond(middle(arms[3]))),
		told(fmt.Sprintf("floor: its %d sealed values opened by AES-GCM alone", len(lengths)), perSecond(middle(arms[4]))),
		told("processor time of a page, and of the floor's parts", fmt.Sprintf("%s; %s + %s + %s + %s", seconds(middle(spent[0])),
			seconds(middle(spent[1])), seconds(middle(spent[2])), seconds(middle(spent[3])), seconds(middle(spent[4])))),
		told("p50, p99", seconds(percentile(times, 50))+", "+seconds(percentile(times, 99))),
	}, nil
}

// bareOpening opens values of these lengths with the cipher alone.
func bareOpening(lengths []int) (func() error, error) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return nil, fmt.Errorf("make the bare cipher: %w", err)
	}
	bare, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make the bare cipher: %w", err)
	}
	values := make([][]byte, len(lengths))
	for i, length := range lengths {
		values[i] = bare.Seal(nil, nil, make([]byte, length-envelope), nil)
	}
	return func() error {
		for _, value := range values {
			if _, err := bare.Open(nil, nil, value, nil); err != nil {
				return fmt.Errorf("open: %w", err)
			}
		}
		return nil
	}, nil
}

// sessionKey is where Redis keeps some session.
func (b *bench) sessionKey(ctx context.Context) (string, error) {
	keys, err := b.free.Redis.Keys(ctx, "s:*").Result()
	if err != nil || len(keys) == 0 {
		return "", errors.Join(errors.New("find a session in Redis"), err)
	}
	return keys[0], nil
}

// drawing is the same page made by the handler itself, ready to be drawn again. It must
// be as long as the one that came over HTTP, but for names of the frame.
func (b *bench) drawing(ctx context.Context, a *agency, v visits, id string, size int) (templ.Component, error) {
	visitor, chosen, err := staff.Visitor(ctx, a.Agency, a.workers[0])
	if err != nil {
		return nil, err
	}
	assets, err := view.LoadAssets()
	if err != nil {
		return nil, err
	}
	r := web.NewRequest(ctx, http.MethodGet, "/participants/"+id+v.tab, nil)
	r.Agency, r.Visitor, r.Params = a.Agency, visitor, map[string]string{"participant": id}
	r.Session = &session.Session{Staff: visitor.Actor.Staff, Agency: a.ID}
	r.P = i18n.NewPrinter("en", chosen.Terms, chosen.Zone)
	f := r.Frame()
	f.P, f.Agency, f.Demo, f.SignedIn, f.Person, f.Assets = r.P, a.NameEN, true, true, visitor.Name, assets
	f.CSRF, f.IdleSeconds, f.MaySearch = "0123456789012345678901234567890123456789012345678901", 1800, true
	f.Nav, f.New, f.Menu, f.Places = server.Navigation(r), server.NewMenu(r), server.OwnMenu(r), visitor.Workplaces(r.P)

	response, err := v.show(r)
	if err != nil {
		return nil, err
	}
	drawing := view.Page(f, response.Title, response.Wide, response.Body)
	var out bytes.Buffer
	if err := drawing.Render(ctx, &out); err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	if difference := out.Len() - size; difference < -size/20 || difference > size/20 {
		return nil, fmt.Errorf("%s drawn bare has %d bytes, over HTTP it has %d", v.what, out.Len(), size)
	}
	return drawing, nil
}
