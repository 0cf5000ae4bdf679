package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"konote/app/view"
)

// A browser keeps one connection and asks as little of the machine as it can: what it
// costs would count against what is measured.
type browser struct {
	conn    net.Conn
	in      *bufio.Reader
	headers string // sent with every request
	out     []byte
	body    []byte // of the last answer, until the next one
	csrf    string
}

// mark stands for the random mark that every browser carries.
const mark = "bench-bench-bench-bench-bench-bench-bench-0"

// visit opens a browser at an agency. session is a cookie, "" for nobody.
func (s *site) visit(a *agency, session string) (*browser, error) {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return nil, fmt.Errorf("open a browser: %w", err)
	}
	return &browser{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), headers: headersFor(a, session)}, nil
}

func headersFor(a *agency, session string) string {
	headers := "Host: " + a.Host + "\r\nSec-Fetch-Site: same-origin\r\nCookie: device=" + mark
	if session != "" {
		headers += "; session=" + session
	}
	return headers + "\r\n"
}

func (b *browser) close() { _ = b.conn.Close() } // nothing is lost

// get asks for a page. Anything but 200 is an error.
func (b *browser) get(path string) error {
	status, err := b.send(http.MethodGet, path, "", "")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d: %s", path, status, problem(b.body))
	}
	return err
}

// post sends a form with the token of a page seen before and gives the status.
func (b *browser) post(path string, form url.Values, headers string) (int, error) {
	form.Set(view.CSRFField, b.csrf)
	return b.send(http.MethodPost, path, headers+"Content-Type: application/x-www-form-urlencoded\r\n", form.Encode())
}

var tokenInPage = regexp.MustCompile(`name="` + view.CSRFField + `" value="([^"]+)"`)

// learn opens a page with a form and remembers its token.
func (b *browser) learn(path string) error {
	if err := b.get(path); err != nil {
		return err
	}
	found := tokenInPage.FindSubmatch(b.body)
	if found == nil {
		return fmt.Errorf("GET %s: no form there", path)
	}
	b.csrf = string(found[1])
	return nil
}

func (b *browser) send(method, path, headers, body string) (status int, err error) {
	b.out = fmt.Appendf(b.out[:0], "%s %s HTTP/1.1\r\n%s%s", method, path, b.headers, headers)
	if method == http.MethodPost {
		b.out = fmt.Appendf(b.out, "Content-Length: %d\r\n", len(body))
	}
	b.out = append(append(b.out, "\r\n"...), body...)
	if _, err := b.conn.Write(b.out); err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status, err = b.read(); err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return status, nil
}

var contentLength = []byte("Content-Length:")

func (b *browser) read() (status int, err error) {
	length := 0
	for first := true; ; first = false {
		line, err := b.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first && len(line) > 12:
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, errors.New("an answer without a status")
			}
		case len(line) == 0:
			if cap(b.body) < length {
				b.body = make([]byte, length)
			}
			b.body = b.body[:length]
			_, err := io.ReadFull(b.in, b.body)
			return status, err
		case len(line) > len(contentLength) && bytes.EqualFold(line[:len(contentLength)], contentLength):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return 0, errors.New("an answer without a length")
			}
		}
	}
}

var heading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)

// problem is what an error page says.
func problem(body []byte) string {
	if found := heading.FindSubmatch(body); found != nil {
		return strings.TrimSpace(string(found[1]))
	}
	return strconv.Quote(string(body[:min(len(body), 80)]))
}

func pathOf(participant uuid.UUID) string { return "/participants/" + participant.String() }
