package event

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// feedMeeting is what a calendar may show of a meeting. Where it is stays out: it can be
// somebody's home, or a shelter.
type feedMeeting struct {
	ID               uuid.UUID
	Participant      uuid.UUID
	StartsAt, EndsAt time.Time
	UpdatedAt        time.Time
	Cancelled        bool
	Initials         string
	RecordID         string
	Version          int
	Confidential     bool
}

const icalTime = "20060102T150405Z"

// calendar writes meetings as RFC 5545 has it. host makes the names of the meetings
// unique in the world; a name is a hash, so that it says nothing and stays the same.
func calendar(host string, meetings []feedMeeting) string {
	var c icalWriter
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//KoNote//Meetings//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	for _, m := range meetings {
		name := sha256.Sum256([]byte("konote meeting " + m.ID.String()))
		c.line("BEGIN", "VEVENT")
		c.line("UID", hex.EncodeToString(name[:16])+"@"+host)
		c.line("DTSTAMP", m.UpdatedAt.UTC().Format(icalTime))
		c.line("LAST-MODIFIED", m.UpdatedAt.UTC().Format(icalTime))
		c.line("SEQUENCE", strconv.Itoa(m.Version-1))
		c.line("DTSTART", m.StartsAt.UTC().Format(icalTime))
		c.line("DTEND", m.EndsAt.UTC().Format(icalTime))
		c.text("SUMMARY", strings.TrimSpace(m.Initials+" "+m.RecordID))
		c.line("STATUS", map[bool]string{true: "CANCELLED", false: "CONFIRMED"}[m.Cancelled])
		c.line("CLASS", "PRIVATE")
		c.line("END", "VEVENT")
	}
	c.line("END", "VCALENDAR")
	return c.b.String()
}

type icalWriter struct{ b strings.Builder }

// text is a property whose value people typed.
func (w *icalWriter) text(name, value string) {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(strings.ReplaceAll(value, "\r\n", "\n"), "") {
		switch {
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n' || r == '\r':
			b.WriteString(`\n`)
		case r == '\t' || !unicode.IsControl(r):
			b.WriteRune(r)
		}
	}
	w.line(name, b.String())
}

// line writes a content line, folded after 75 octets and never inside a character.
func (w *icalWriter) line(name, value string) {
	line := name + ":" + value
	room := 75
	for len(line) > room {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		w.b.WriteString(line[:cut] + "\r\n ")
		line, room = line[cut:], 74 // the space is an octet too
	}
	w.b.WriteString(line + "\r\n")
}

// initial is the first letter of a name.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) {
			return string(unicode.ToUpper(r)) + "."
		}
	}
	return ""
}
