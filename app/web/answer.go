package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/a-h/templ"

	"konote/app/session"
	"konote/app/view"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answer sends what a handler has decided. Nothing is sent before it is whole, so an
// error on the way still becomes an error page.
func (x *exchange) answer(response Response) error {
	if response.refused != nil {
		x.refused(response.refused)
	}
	if err := x.changeSession(response); err != nil {
		return err
	}
	if response.keys != "" {
		x.setCookie(keysCookie, response.keys, languageAge)
	}
	x.setFlow(response.flow)
	if response.link != nil {
		x.keepLink(*response.link)
	}
	for name, value := range response.Header {
		x.c.Set(name, value)
	}
	x.sessionHeaders()
	switch response.kind {
	case kindRedirect:
		return x.redirect(response)
	case kindDownload:
		return x.download(response)
	case kindEmpty:
		x.c.Status(response.Status)
		return nil
	case kindData:
		x.c.Status(response.Status)
		return x.c.Send(response.Data)
	}
	if x.r.SwitchLanguage {
		response.Status = http.StatusOK // nothing was checked
	}
	body := response.Body
	if response.kind == kindPage {
		if err := x.preparePage(response); err != nil {
			return err
		}
		body = view.Page(x.r.frame, response.Title, response.Wide, body)
	}
	return x.render(x.r.ctx, response.Status, body)
}

// preparePage puts the line about what was just done on the page, and gives the
// browser its mark.
func (x *exchange) preparePage(response Response) error {
	r := x.r
	r.frame.P = r.P
	r.frame.Invalid = response.Status == http.StatusUnprocessableEntity
	r.frame.Unsaved = r.frame.Unsaved || r.frame.Invalid
	if x.newDevice != "" && x.route.Need.kind == needPublic {
		x.setCookie(deviceCookie, x.newDevice, deviceAge)
	}
	if response.Flash != nil {
		r.frame.Flash = r.P.T(response.Flash)
	} else if r.Session != nil && r.Session.Flash != nil {
		flash, err := x.app.cfg.Sessions.TakeFlash(r.ctx, r.Session)
		if err != nil && !errors.Is(err, session.ErrNone) {
			return err
		}
		r.frame.Flash = flash[r.P.Language()]
	}
	return nil
}

// render sends a component as HTML.
func (x *exchange) render(ctx context.Context, code int, body templ.Component) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := body.Render(ctx, buffer); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	x.c.Status(code)
	x.c.Set("Content-Type", "text/html; charset=utf-8")
	return x.send(buffer.Bytes())
}

const worthCompressing = 1400 // what fits into one packet anyway

// send sends a body, compressed only when the browser itself says that the request
// comes from a page of this host or from the person: compression of an answer to a
// request that a stranger's page has made would tell the stranger what is in it (BREACH).
func (x *exchange) send(body []byte) error {
	site := x.header("Sec-Fetch-Site")
	if len(body) < worthCompressing || (site != "same-origin" && site != "none") || !accepts(x.header("Accept-Encoding"), "gzip") {
		x.c.Response().SetBody(body) // copies
		return nil
	}
	x.c.Set("Content-Encoding", "gzip")
	writer := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(writer)
	writer.Reset(x.c.Response().BodyWriter())
	if _, err := writer.Write(body); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	return writer.Close()
}

var gzipWriters = sync.Pool{New: func() any {
	writer, _ := gzip.NewWriterLevel(io.Discard, 4) // the level is a valid one
	return writer
}}

// redirect sends the browser on. htmx would put the next page into the middle of this
// one, so it is told to go there.
func (x *exchange) redirect(response Response) error {
	if response.Flash != nil && x.r.Session != nil {
		flash := map[string]string{
			x.r.P.Language():         x.r.P.T(response.Flash),
			x.r.P.Other().Language(): x.r.P.Other().T(response.Flash),
		}
		if err := x.app.cfg.Sessions.SetFlash(x.r.ctx, x.r.Session, flash); err != nil && !errors.Is(err, session.ErrNone) {
			return err
		}
	}
	if x.r.HTMX && x.header("HX-Boosted") != "true" {
		x.c.Set("HX-Redirect", response.To.String())
		x.c.Status(http.StatusOK)
		return nil
	}
	x.c.Set("Location", response.To.String())
	x.c.Status(response.Status)
	return nil
}

// download streams. When the source fails half-way the connection is cut, so that
// the browser does not take half a file for a whole one.
func (x *exchange) download(response Response) error {
	reader, writer := io.Pipe()
	x.streaming = true
	warn, cancel := x.warn, x.cancel
	go func() {
		defer cancel()
		err := guard(func() error { return response.Stream(writer) })
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			warn("stream a download", err)
		}
		writer.CloseWithError(err)
	}()
	x.c.Status(response.Status)
	x.c.Context().SetBodyStream(reader, -1)
	return nil
}

// changeSession begins, ends or renews the session as the handler said.
func (x *exchange) changeSession(response Response) error {
	r, sessions := x.r, x.app.cfg.Sessions
	switch {
	case response.signOut:
		if r.Session != nil {
			if err := sessions.End(r.ctx, r.Session); err != nil {
				return err
			}
			r.Session = nil
		}
		x.setCookie(sessionCookie, "", -1)
		x.setCookie(languageCookie, r.P.Language(), languageAge) // the page that says so is read by the same person
		x.c.Set("Clear-Site-Data", `"cache", "storage"`)
	case response.signIn != [16]byte{}:
		if r.Session != nil {
			if err := sessions.End(r.ctx, r.Session); err != nil {
				return err
			}
		}
		started, err := sessions.Start(r.ctx, r.Agency.ID, response.signIn, response.provedAt, response.strength, r.settings.Idle)
		if err != nil {
			return err
		}
		if response.outside != nil {
			if err := sessions.SetOutside(r.ctx, started, *response.outside, response.outsideAt); err != nil {
				return err
			}
		}
		if err := sessions.SetDevice(r.ctx, started, session.DeviceOf(x.header("User-Agent"))); err != nil {
			return err
		}
		r.Session, x.expired = started, false
		x.setCookie(sessionCookie, started.Token().Cookie(), 0)
		if x.newDevice != "" {
			x.setCookie(deviceCookie, x.newDevice, deviceAge)
		}
	case response.rotate && r.Session != nil:
		renewed, err := x.renew(response)
		if err != nil {
			return err
		}
		r.Session = renewed
		x.setCookie(sessionCookie, renewed.Token().Cookie(), 0)
	}
	return nil
}

// renew gives the session a new id: stronger, when the person has proved something.
func (x *exchange) renew(response Response) (*session.Session, error) {
	r, sessions := x.r, x.app.cfg.Sessions
	if response.strength == "" {
		return sessions.Rotate(r.ctx, r.Session, response.provedAt)
	}
	return sessions.Prove(r.ctx, r.Session, response.strength)
}

// sessionHeaders tell the script of the page how the session stands.
func (x *exchange) sessionHeaders() {
	if x.r.Session != nil {
		x.c.Set("X-Session-Seconds", strconv.Itoa(x.secondsLeft()))
	}
	if x.expired {
		x.setCookie(sessionCookie, "", -1)
		x.c.Set("X-Session", "ended")
	}
}
