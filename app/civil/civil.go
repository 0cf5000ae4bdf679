// Package civil holds calendar dates: a birthday or the day of a session is the same
// day in every time zone, so it is never an instant.
package civil

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Date is a day of the Gregorian calendar. The zero Date is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrDate says that a text is not a day of the calendar.
var ErrDate = errors.New("civil: not a date")

// Parse reads 2006-01-02 and refuses days that do not exist.
func Parse(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, ErrDate
	}
	return Of(t), nil
}

// New makes a date of three numbers and refuses days that do not exist.
func New(year, month, day int) (Date, error) {
	return Parse(fmt.Sprintf("%04d-%02d-%02d", year, month, day))
}

// Of is the day that t shows on its own clock; put t into the agency's zone first.
func Of(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero says that there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is 2006-01-02, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Before says whether d comes before other.
func (d Date) Before(other Date) bool { return d.utc().Before(other.utc()) }

// AddDays moves d by n days.
func (d Date) AddDays(n int) Date { return Of(d.utc().AddDate(0, 0, n)) }

// Age is the number of birthdays from d to today; someone born on Feb. 29 has theirs
// on March 1 in other years. It is 0 when d is no date or lies ahead.
func (d Date) Age(today Date) int {
	if d.IsZero() || today.Before(d) {
		return 0
	}
	age := today.Year - d.Year
	if today.Month < d.Month || (today.Month == d.Month && today.Day < d.Day) {
		age--
	}
	return age
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// ScanDate reads a Postgres date; NULL is the zero Date.
func (d *Date) ScanDate(v pgtype.Date) error {
	if !v.Valid {
		*d = Date{}
		return nil
	}
	if v.InfinityModifier != pgtype.Finite {
		return ErrDate
	}
	*d = Of(v.Time)
	return nil
}

// DateValue writes a Postgres date; the zero Date is NULL.
func (d Date) DateValue() (pgtype.Date, error) {
	if d.IsZero() {
		return pgtype.Date{}, nil
	}
	return pgtype.Date{Time: d.utc(), Valid: true}, nil
}
