package mail_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"konote/app/mail"
	"konote/app/mail/sink"
)

func start(t *testing.T) (*sink.Sink, *mail.Sender) {
	t.Helper()
	s, err := sink.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	sender, err := mail.New(s.URL(), "KoNote <no-reply@konote.example>")
	if err != nil {
		t.Fatal(err)
	}
	return s, sender
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	s, sender := start(t)
	text := "Bonjour,\n\nRendez-vous le mar. 10 févr. 2026 à 14 h 05 : à bientôt.\n.\nUne ligne " + strings.Repeat("très longue ", 30) + "\n"
	err := sender.Send(t.Context(), mail.Message{ID: "abc-1", To: "lea@people.example", Subject: "Rappel : rendez-vous à venir", Text: text, Language: "fr", Urgent: true})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Messages()
	if len(got) != 1 {
		t.Fatalf("got %d messages, want 1", len(got))
	}
	m := got[0]
	if m.Text != text || m.Subject() != "Rappel : rendez-vous à venir" || m.From != "no-reply@konote.example" || len(m.To) != 1 || m.To[0] != "lea@people.example" {
		t.Errorf("got %q, %q from %s to %v", m.Subject(), m.Text, m.From, m.To)
	}
	for name, want := range map[string]string{"Message-Id": "<abc-1@konote.example>", "Content-Language": "fr-CA", "Auto-Submitted": "auto-generated", "Importance": "high"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestWhatGoesWrongHasAKindAndTellsNobodysAddress(t *testing.T) {
	t.Parallel()
	s, sender := start(t)
	message := mail.Message{To: "lea@people.example", Subject: "Hello", Text: "Hello", Language: "en"}
	check := func(name string, sender *mail.Sender, m mail.Message, want error) {
		t.Helper()
		err := sender.Send(t.Context(), m)
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		} else if strings.Contains(err.Error(), "people.example") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}

	s.Refuse(550)
	check("refused for good", sender, message, mail.ErrRefused)
	s.Refuse(451)
	check("not now", sender, message, mail.ErrUnreachable)
	s.Refuse(0)
	wrong := message
	wrong.To = "lea@people.example\r\nBcc: everybody@people.example"
	check("two lines for an address", sender, wrong, mail.ErrRefused)

	none, err := mail.New("", "")
	if err != nil {
		t.Fatal(err)
	}
	check("no server", none, message, mail.ErrNotConfigured)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	_ = listener.Close()
	gone, err := mail.New("smtp://me:s3cret@"+closed, "no-reply@konote.example")
	if err != nil {
		t.Fatal(err)
	}
	check("nobody listens", gone, message, mail.ErrUnreachable)

	if got := len(s.Messages()); got != 0 {
		t.Errorf("%d messages arrived all the same", got)
	}
}

func TestASubjectIsOneLine(t *testing.T) {
	t.Parallel()
	s, sender := start(t)
	err := sender.Send(t.Context(), mail.Message{To: "lea@people.example", Subject: "Hello\r\nBcc: everybody@people.example", Text: "Hello", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Messages()[0]
	if len(m.To) != 1 || m.Header.Get("Bcc") != "" {
		t.Errorf("a second line became a header: %v, %v", m.To, m.Header)
	}
}

func TestWhatIsNoMailServerIsRefusedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://mail.example", "mail.example", "smtp://", "smtp://mail.example:x"} {
		if _, err := mail.New(address, "no-reply@konote.example"); err == nil {
			t.Errorf("%s is taken for a mail server", address)
		}
	}
	if _, err := mail.New("smtp://user:s3cret@mail.example", "nobody"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v, want an error without the password", err)
	}
}
