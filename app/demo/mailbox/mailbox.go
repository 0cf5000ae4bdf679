// Package mailbox shows in the demo what would have been sent by e-mail. Its routes are
// there in demo mode alone, where a sink takes every message and delivers none.
//
// Everybody who is signed in reads all messages of her own agency: the people in them are
// invented. Which agency a message is of stands in its Message-ID.
package mailbox

import (
	"slices"
	"strconv"
	"strings"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/mail/sink"
	"konote/app/web"
)

// Handlers answer the routes of the mailbox.
type Handlers struct{ Sink *sink.Sink }

// List shows the messages, the newest first.
func (h *Handlers) List(r *web.Request) (web.Response, error) {
	return web.Page(i18n.MailDemoTitle, list(r.Frame(), h.messages(r))), nil
}

// Show is one message.
func (h *Handlers) Show(r *web.Request) (web.Response, error) {
	messages := h.messages(r)
	at := slices.IndexFunc(messages, func(m sink.Message) bool { return strconv.Itoa(m.Number) == r.Params["message"] })
	if at < 0 {
		return web.Response{}, fault.Missing()
	}
	return web.Page(i18n.MailDemoMessage, show(r.Frame(), messages[at])), nil
}

func (h *Handlers) messages(r *web.Request) []sink.Message {
	return slices.DeleteFunc(h.Sink.Messages(), func(m sink.Message) bool {
		return !strings.Contains(m.Header.Get("Message-Id"), "."+r.Agency.ID.String()+"@")
	})
}
