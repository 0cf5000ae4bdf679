package web

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"konote/app/view"
)

const (
	deadline     = 10 * time.Second // of a request
	writeTimeout = 5 * time.Minute  // of an answer, a slow reader's download included
)

// App answers requests.
type App struct {
	cfg     Config
	fiber   *fiber.App
	routes  []Route
	trusted []netip.Prefix
	forms   []byte // key of the tokens of forms
	metrics *metrics
	ready   *readiness
	ending  atomic.Bool
}

// New checks the configuration and the route table and makes an App. A route without
// a need, a route that is there twice, or an unknown permission is an error: the
// process does not start.
func New(cfg Config, routes []Route) (*App, error) {
	if cfg.Agencies == nil || cfg.Sessions == nil || cfg.Limits == nil || cfg.Assets == nil ||
		cfg.Hooks.Settings == nil || cfg.Hooks.Visitor == nil {
		return nil, errors.New("web: agencies, sessions, limits, assets and the hooks Settings and Visitor are needed")
	}
	if len(cfg.Secret) < 32 {
		return nil, errors.New("web: the secret is shorter than 32 bytes")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Registry == nil {
		cfg.Registry = prometheus.NewRegistry()
	}
	a := &App{cfg: cfg, ready: newReadiness(cfg)}
	var err error
	if a.routes, err = checkTable(append(a.ownRoutes(), routes...)); err != nil {
		return nil, err
	}
	if a.trusted, err = parseProxies(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	if a.forms, err = hkdf.Key(sha256.New, cfg.Secret, nil, "konote/web/form/v1", 32); err != nil {
		return nil, fmt.Errorf("derive form key: %w", err)
	}
	if a.metrics, err = newMetrics(cfg); err != nil {
		return nil, err
	}
	a.mount()
	return a, nil
}

// mount is the only place that gives Fiber a route. Every one goes through serve, and
// serve checks unsafe methods; there is no other way to register a handler.
func (a *App) mount() {
	maxBody := defaultMaxBody
	for _, route := range a.routes {
		maxBody = max(maxBody, route.MaxBody)
	}
	a.fiber = fiber.New(fiber.Config{
		Immutable:             true, // strings outlive the request: see doc.go
		CaseSensitive:         true,
		BodyLimit:             maxBody,
		ReadBufferSize:        16 << 10, // all headers of a request
		ReadTimeout:           30 * time.Second,
		WriteTimeout:          writeTimeout,
		IdleTimeout:           2 * time.Minute,
		DisableStartupMessage: true,
		// The address of the peer and the host are read by this package itself.
		EnableTrustedProxyCheck: true,
		EnableIPValidation:      true,
		ErrorHandler:            a.unrouted,
		// Multipart bodies are refused, not parsed ahead of every check.
		DisablePreParseMultipartForm: true,
		RequestMethods:               []string{fiber.MethodGet, fiber.MethodHead, fiber.MethodPost},
	})
	server := a.fiber.Server()
	server.CloseOnShutdown = true
	server.SecureErrorLogMessage = true
	server.Logger = discard{} // what it has to say quotes requests
	a.fiber.Use(a.plain)
	for _, route := range a.routes {
		a.fiber.Add(route.Method, route.Path, a.serve(route))
	}
	routed := a.fiber.Handler()
	server.Handler = func(request *fasthttp.RequestCtx) {
		if !request.IsGet() && !request.IsHead() && !request.IsPost() {
			c := a.fiber.AcquireCtx(request)
			defer a.fiber.ReleaseCtx(c)
			_ = a.unrouted(c, fiber.ErrMethodNotAllowed) // has answered
			return
		}
		routed(request)
	}
}

type discard struct{}

func (discard) Printf(string, ...any) {}

// Routes is the whole table, the routes of this package included.
func (a *App) Routes() []Route { return a.routes }

// Registry has the metrics of this package; others may add theirs.
func (a *App) Registry() *prometheus.Registry { return a.cfg.Registry }

// Serve answers on a listener until Shutdown, or until somebody closes the listener.
func (a *App) Serve(listener net.Listener) error {
	if err := a.fiber.Listener(listener); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Shutdown takes no new connections, lets requests end, and returns when all have, or
// when ctx is done. From its beginning on the health pages say that the process is stopping.
func (a *App) Shutdown(ctx context.Context) error {
	a.ending.Store(true)
	return a.fiber.ShutdownWithContext(ctx)
}

// Test answers one request without a listener, for tests.
func (a *App) Test(request *http.Request) (*http.Response, error) {
	return a.fiber.Test(request, -1)
}

// plain answers what belongs to no agency: bundled files and health.
func (a *App) plain(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return c.Next()
	}
	switch path := c.Path(); path {
	case "/healthz":
		a.header(c)
		return c.SendString("ok\n")
	case "/readyz":
		a.header(c)
		return a.sendReadiness(c)
	default:
		if file, ok := a.cfg.Assets.File(path); ok {
			a.header(c)
			return sendFile(c, file)
		}
	}
	return c.Next()
}

// sendFile sends a bundled file, compressed where the browser takes that.
func sendFile(c *fiber.Ctx, file view.File) error {
	cache := "no-cache"
	if file.Immutable {
		cache = "public, max-age=31536000, immutable"
	}
	c.Set(fiber.HeaderCacheControl, cache)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderContentType, file.ContentType)
	body := file.Body
	if file.Gzip != nil && accepts(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		body = file.Gzip
	}
	c.Response().SetBodyRaw(body) // never written to
	return nil
}
