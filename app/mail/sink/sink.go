// Package sink is a mail server that takes every message and delivers none: tests read
// what arrived over SMTP, and the demo shows it. It listens on the loopback alone and keeps
// the newest messages in memory.
package sink

import (
	"fmt"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// keeps is how many messages are kept.
const keeps = 200

// Message is one that arrived.
type Message struct {
	Number int // 1 for the first one
	At     time.Time
	From   string // of the envelope
	To     []string
	Header mail.Header
	Text   string // decoded
}

// Subject is decoded.
func (m Message) Subject() string {
	text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return m.Header.Get("Subject")
	}
	return text
}

// Sink is the server.
type Sink struct {
	server *smtp.Server
	url    string

	mu       sync.Mutex
	messages []Message
	count    int
	refuse   int
}

// Start begins to listen.
func Start() (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	s := &Sink{url: "smtp://" + listener.Addr().String()}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }))
	s.server.Domain = "localhost"
	s.server.MaxMessageBytes = 1 << 20
	s.server.ReadTimeout, s.server.WriteTimeout = 10*time.Second, 10*time.Second
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = s.server.Serve(listener) }() // ends with Close
	return s, nil
}

// URL is the server's address, for KONOTE_SMTP_URL.
func (s *Sink) URL() string { return s.url }

// Close ends the server.
func (s *Sink) Close() { _ = s.server.Close() } // nothing is kept

// Messages are those that arrived, the newest first.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.Clone(s.messages)
	slices.Reverse(found)
	return found
}

// Refuse has the server answer recipients with a code such as 451 or 550; 0 takes
// messages again.
func (s *Sink) Refuse(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = code
}

func (s *Sink) refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == 0 {
		return nil
	}
	return &smtp.SMTPError{Code: s.refuse, EnhancedCode: smtp.EnhancedCode{s.refuse / 100, 1, 1}, Message: "refused " + strconv.Itoa(s.refuse)}
}

func (s *Sink) add(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	m.Number, m.At = s.count, time.Now().UTC()
	s.messages = append(s.messages, m)
	if len(s.messages) > keeps {
		s.messages = slices.Clone(s.messages[1:])
	}
}

// session is one connection.
type session struct {
	sink *Sink
	from string
	to   []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.sink.refusal(); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	parsed, err := mail.ReadMessage(r)
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	body := parsed.Body
	if strings.EqualFold(parsed.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read the text: %w", err)
	}
	s.sink.add(Message{From: s.from, To: s.to, Header: parsed.Header, Text: strings.ReplaceAll(string(text), "\r\n", "\n")})
	return nil
}
