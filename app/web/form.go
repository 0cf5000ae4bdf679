package web

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

// maxFields is how many values a form may have.
const maxFields = 2000

// FormID is the id that a form was given when it was opened, under which it makes something:
// a form that is sent twice, from a draft after days too, makes one thing. Anything but an
// id of ours is replaced, and so is one of a time to come, which would stand first in lists
// that go by ids.
func FormID(text string) uuid.UUID {
	const ahead = time.Minute // another machine's clock may be
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 || id.Version() != 7 || id.Variant() != uuid.RFC4122 || time.Until(time.Unix(id.Time().UnixTime())) > ahead {
		return tenancy.NewID()
	}
	return id
}

// readForm decodes the body. Only what HTML forms send is read.
func (x *exchange) readForm() error {
	body := x.c.Request().Body() // not c.Body(), which would unpack what is compressed
	if len(body) > x.route.MaxBody {
		return tooLarge()
	}
	if len(body) == 0 {
		x.r.Form = url.Values{}
		return nil
	}
	kind, _, _ := strings.Cut(x.header("Content-Type"), ";")
	kind = strings.TrimSpace(strings.ToLower(kind))
	if x.route.Foreign && kind == "multipart/form-data" {
		return nil // mail programs post so (RFC 8058); what counts is in the address
	}
	if x.route.File != "" && kind == "multipart/form-data" && x.header("Content-Encoding") == "" {
		return x.readFile(body)
	}
	if kind != "application/x-www-form-urlencoded" || x.header("Content-Encoding") != "" {
		return status(http.StatusUnsupportedMediaType, fault.New(fault.Invalid, i18n.WebUnreadableText))
	}
	form, err := decodeForm(string(body))
	if err != nil {
		return err
	}
	x.r.Form = form
	return nil
}

// readFile decodes a form that brings a file. What its maker called the file is not read.
func (x *exchange) readFile(body []byte) error {
	unreadable := status(http.StatusBadRequest, fault.New(fault.Invalid, i18n.WebUnreadableText))
	_, parameters, err := mime.ParseMediaType(x.header("Content-Type"))
	if err != nil || parameters["boundary"] == "" {
		return unreadable
	}
	x.r.Form = url.Values{}
	parts := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil || n >= maxFields {
			return unreadable
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return unreadable
		}
		switch name := part.FormName(); {
		case name == x.route.File:
			x.r.File = content
		case !utf8.Valid(content):
			return unreadable
		default:
			x.r.Form.Add(name, tidy(string(content)))
		}
	}
}

// decodeForm reads values and tidies them: no spaces around, line breaks as \n, no
// NUL. Fields with "password" in their name stay as they were typed.
func decodeForm(body string) (url.Values, error) {
	unreadable := status(http.StatusBadRequest, fault.New(fault.Invalid, i18n.WebUnreadableText))
	if strings.Count(body, "&") >= maxFields {
		return nil, unreadable
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, unreadable
	}
	for name, values := range form {
		for i, value := range values {
			if !utf8.ValidString(value) {
				return nil, unreadable
			}
			if !strings.Contains(name, "password") {
				values[i] = tidy(value)
			}
		}
	}
	return form, nil
}

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

func tidy(value string) string { return strings.TrimSpace(lineBreaks.Replace(value)) }

// decodeQuery reads the query of an address; what cannot be read is left out.
func decodeQuery(query string) url.Values {
	values, _ := url.ParseQuery(query)
	for _, list := range values {
		for i := range list {
			list[i] = tidy(strings.ToValidUTF8(list[i], "\uFFFD"))
		}
	}
	return values
}
