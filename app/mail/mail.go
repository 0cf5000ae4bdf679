package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	smtp "github.com/wneessen/go-mail"
)

// What went wrong. An error of Send is one of these, with the server's code where there
// is one.
var (
	// ErrNotConfigured says that there is no mail server: trying again does not help.
	ErrNotConfigured = errors.New("mail: no server is configured")
	// ErrRefused says that the server does not take this message: neither does it later.
	ErrRefused = errors.New("mail: refused by the server")
	// ErrUnreachable says that the server did not answer, or not now: try again.
	ErrUnreachable = errors.New("mail: the server cannot be reached")
)

// Message is one message to one person.
type Message struct {
	// ID makes the same message the same wherever it arrives twice (Message-ID): the part
	// before the @, of letters, digits, points and dashes. "" makes a new one.
	ID       string
	To       string
	Subject  string
	Text     string
	Language string // "en" or "fr"
	Urgent   bool
	// Stop is an address that stops such messages: a page when it is opened, at once when a
	// mail program posts to it (RFC 8058). "" when there is none, as for staff.
	Stop string
}

// Sender sends. It is safe for concurrent use.
type Sender struct {
	from    string
	domain  string
	options []smtp.Option
	host    string // "" when there is no server
}

// timeout is how long one message may take.
const timeout = 20 * time.Second

// New makes a Sender of an address such as smtp://user:password@mail.example:587 or
// smtps://mail.example, and of the sender's address. Without an address every Send is
// ErrNotConfigured.
func New(address, from string) (*Sender, error) {
	if address == "" {
		return &Sender{}, nil
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Hostname() == "" || (parsed.Scheme != "smtp" && parsed.Scheme != "smtps") {
		return nil, errors.New("mail: the address of the server is not smtp://host or smtps://host") // err would quote the password
	}
	envelope := smtp.NewMsg()
	if err := envelope.From(from); err != nil {
		return nil, errors.New("mail: the sender is not an e-mail address")
	}
	s := &Sender{from: from, host: parsed.Hostname(), options: []smtp.Option{smtp.WithTimeout(timeout)}}
	if sender := envelope.GetFrom(); len(sender) > 0 {
		s.domain = domainOf(sender[0].Address)
	}
	port, policy := 587, smtp.TLSMandatory
	if parsed.Scheme == "smtps" {
		port = 465
		s.options = append(s.options, smtp.WithSSL())
	} else if isLoopback(s.host) {
		policy = smtp.NoTLS
	}
	if text := parsed.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errors.New("mail: the port of the server is not a number")
		}
	}
	s.options = append(s.options, smtp.WithPort(port), smtp.WithTLSPolicy(policy))
	if user := parsed.User; user != nil {
		password, _ := user.Password()
		s.options = append(s.options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover),
			smtp.WithUsername(user.Username()), smtp.WithPassword(password))
	}
	return s, nil
}

// Configured says whether there is a server.
func (s *Sender) Configured() bool { return s.host != "" }

// Send sends a message. It returns once the server has taken it.
func (s *Sender) Send(ctx context.Context, m Message) error {
	if !s.Configured() {
		return ErrNotConfigured
	}
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	client, err := smtp.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("%w: its settings do not fit together", ErrNotConfigured)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return kindOf(client.DialAndSendWithContext(ctx, message))
}

func (s *Sender) compose(m Message) (*smtp.Msg, error) {
	message := smtp.NewMsg()
	if err := message.From(s.from); err != nil {
		return nil, fmt.Errorf("%w: the sender is not an address", ErrNotConfigured)
	}
	if err := message.To(m.To); err != nil {
		return nil, fmt.Errorf("%w: the recipient is not an address", ErrRefused)
	}
	if m.ID == "" {
		message.SetMessageID()
	} else {
		message.SetMessageIDWithValue(m.ID + "@" + s.domain)
	}
	message.SetDate()
	message.Subject(m.Subject)
	message.SetBodyString(smtp.TypeTextPlain, m.Text)
	message.SetGenHeader(smtp.HeaderContentLang, m.Language+"-CA")
	// Robots of the other side answer nothing to these.
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Stop != "" {
		message.SetGenHeader(smtp.HeaderListUnsubscribe, "<"+m.Stop+">")
		message.SetGenHeader(smtp.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	if m.Urgent {
		message.SetImportance(smtp.ImportanceHigh)
	}
	return message, nil
}

// kindOf keeps of the library's error its kind and the server's code: its text quotes
// addresses.
func kindOf(err error) error {
	if err == nil {
		return nil
	}
	if failed := (*smtp.SendError)(nil); errors.As(err, &failed) && failed.ErrorCode() >= 500 {
		return fmt.Errorf("%w (%d)", ErrRefused, failed.ErrorCode())
	} else if failed != nil && failed.ErrorCode() > 0 {
		return fmt.Errorf("%w (%d)", ErrUnreachable, failed.ErrorCode())
	}
	return ErrUnreachable
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

func domainOf(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return address
}
