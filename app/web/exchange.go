package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
)

// exchange is one request on its way to one answer. It is where Fiber ends: handlers
// get the Request alone.
type exchange struct {
	app   *App
	c     *fiber.Ctx
	route Route
	r     *Request
	host  string // as the browser sent it, in lower case by the resolver

	newDevice string // a mark that this browser does not have yet
	stamp     string // of the form that was sent; see checkFresh
	expired   bool   // a session cookie that opens nothing any more
	started   time.Time
	kind      string // of the problem, for log and metrics
	cancel    context.CancelFunc
	streaming bool // the context goes on after the handler
}

// serve makes a Fiber handler of a route.
func (a *App) serve(route Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return a.exchange(c, route, func(x *exchange) error {
			response, err := x.handle()
			if err != nil {
				return err
			}
			return x.answer(response)
		})
	}
}

// unrouted answers what no route took, and requests that could not be read at all.
func (a *App) unrouted(c *fiber.Ctx, err error) error {
	method := c.Method()
	if method != http.MethodGet && method != http.MethodHead && method != http.MethodPost {
		method = "other" // anything may stand there: not for logs and metrics
	}
	return a.exchange(c, Route{Method: method, Need: Public(), Quiet: true}, func(x *exchange) error {
		var known *fiber.Error
		if errors.As(err, &known) && (known.Code == http.StatusNotFound || known.Code == http.StatusMethodNotAllowed) {
			if problem := x.arrive(); problem != nil { // the page has the person's frame
				return problem
			}
		}
		return err
	})
}

// exchange runs f and answers its error, or its panic, with a page. The outer guard is
// for this package's own mistakes: fasthttp lets a panic end the process.
func (a *App) exchange(c *fiber.Ctx, route Route, f func(*exchange) error) error {
	err := guard(func() error {
		x := a.begin(c, route)
		defer x.end()
		if err := guard(func() error { return f(x) }); err != nil {
			x.fail(err)
		}
		return nil
	})
	if err != nil {
		a.cfg.Log.Error("panic outside a handler", "err", err, "stack", string(err.(*panicked).stack))
		c.Status(http.StatusInternalServerError)
		return c.SendString("")
	}
	return nil
}

// begin copies what the request says of itself.
func (a *App) begin(c *fiber.Ctx, route Route) *exchange {
	x := &exchange{app: a, c: c, route: route, started: time.Now(), host: string(c.Request().Header.Host())}
	r := &Request{
		Method: c.Method(), Path: c.Path(), Route: route.Path, Reference: newReference(),
		IP:     clientIP(c.Context().RemoteIP().String(), forwardedFor(&c.Request().Header), a.trusted),
		HTMX:   c.Get("HX-Request") == "true",
		Target: c.Get("HX-Target"), pageToken: c.Get(csrfHeader),
		Params: map[string]string{}, Form: url.Values{},
		Query: decodeQuery(string(c.Request().URI().QueryString())),
	}
	for _, name := range parameter.FindAllString(route.Path, -1) {
		if plain, err := url.PathUnescape(c.Params(name[1:])); err == nil {
			r.Params[name[1:]] = plain
		}
	}
	r.ctx, x.cancel = context.WithTimeout(context.Background(), cmp.Or(route.Timeout, deadline))
	x.r = r
	r.Flow = x.cookie(flowCookie)
	r.Link = x.cookie(linkCookie)
	r.frame = &view.Frame{Assets: a.cfg.Assets, Path: r.withoutLanguage()}
	if r.Method != http.MethodGet {
		r.frame.Path = x.referer().String() // an address that can be opened
	}
	if route.Secret {
		r.frame.Path = view.To().String()
	}
	x.speak(x.language())
	x.setHeaders()
	a.metrics.inFlight.Inc()
	return x
}

// guard makes an error of a panic.
func guard(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	return f()
}

// panicked does not say what the panic said, unless it came from the runtime: it
// might hold a person's words.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	if err, ok := p.value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic with a %T", p.value)
}

// end writes the line of the access log: a fixed set of fields, none of which holds
// what a person typed. The pattern of the route stands for the path.
func (x *exchange) end() {
	if !x.streaming {
		x.cancel()
	}
	took := time.Since(x.started)
	code := x.c.Response().StatusCode()
	a := x.app
	a.metrics.inFlight.Dec()
	a.metrics.observe(x.route, code, took)
	agency := uuid.Nil
	if x.r.Agency != nil {
		agency = x.r.Agency.ID
	}
	a.cfg.Log.LogAttrs(context.Background(), slog.LevelInfo, "request",
		slog.String("reference", x.r.Reference), slog.String("agency", agency.String()),
		slog.String("method", x.route.Method), slog.String("route", x.route.Path),
		slog.Int("status", code), slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("kind", x.kind))
}

func (x *exchange) warn(what string, err error) {
	x.app.cfg.Log.Warn(what, "reference", x.r.Reference, "err", describe(err))
}

func (x *exchange) header(name string) string { return x.c.Get(name) }

// setHeaders sets what every answer of this route has.
func (x *exchange) setHeaders() {
	x.app.header(x.c)
	if x.route.Secret {
		x.c.Set("Referrer-Policy", "no-referrer")
	}
}

// newReference is ten letters and digits that can be read out on the telephone.
func newReference() string {
	var b [7]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	text := readable.EncodeToString(b[:])[:10]
	return text[:5] + "-" + text[5:]
}

// Crockford's alphabet: no I, L, O, U.
var readable = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewRequest makes a request by hand, as tests of handlers need it: English unless the
// visitor speaks French, default settings, no session. Fields may be set afterwards.
func NewRequest(ctx context.Context, method, address string, form url.Values) *Request {
	r := &Request{Method: method, Path: address, Reference: "TESTS-00000", IP: "192.0.2.1", Device: "test",
		Params: map[string]string{}, Query: url.Values{}, Form: form, ctx: ctx}
	if parsed, err := url.Parse(address); err == nil {
		r.Path, r.Query = parsed.Path, parsed.Query()
	}
	if r.Form == nil {
		r.Form = url.Values{}
	}
	r.P = i18n.NewPrinter("en", nil, nil)
	r.frame = &view.Frame{P: r.P, Path: address, CSRF: "test"}
	return r
}
