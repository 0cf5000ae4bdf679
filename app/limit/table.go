package limit

import "time"

// Name names a limit of the table.
type Name string

// The quotas.
const (
	// Requests is all requests of an agency's staff, so that one agency cannot take the
	// platform from the others. It is asked of every route; see [Limits.Request].
	Requests Name = "requests"
	// Visits is requests of strangers, asked of every route when nobody is signed in.
	Visits Name = "visits"
	// Search is searching for people, as fast as fingers and slower than a scraper.
	Search Name = "search"
	// Typing is saving drafts, as fast as fingers in two windows.
	Typing Name = "typing"
	// Confirm is typing the own password again for something that matters.
	Confirm Name = "confirm"
	// Export is downloads of many records.
	Export Name = "export"
	// Reset is asking for a link for a forgotten password; its account is what was typed.
	Reset Name = "reset"
	// Invite is inviting people to an account.
	Invite Name = "invite"
	// Calendar is reading one calendar feed; its account is the feed.
	Calendar Name = "calendar"
	// Elsewhere is going to another provider to sign in, and what comes back from there.
	Elsewhere Name = "elsewhere"
	// Stop is following the link that stops e-mail to a participant.
	Stop Name = "stop"
)

// Quota is how many turns there are in a time. The turns may be used at once; they
// come back evenly. The zero value does not count.
type Quota struct {
	Turns int
	Per   time.Duration
}

// Rule is one row of the table.
type Rule struct {
	Name    Name
	What    string // for the documentation
	Account Quota  // by the person
	Network Quota  // by address: /32 and IPv6 /64
	Agency  Quota
	// Closed rules refuse when Redis is down; the others let through.
	Closed bool
}

// Rules are all quotas.
var Rules = []Rule{
	{Name: Requests, What: "all requests of an agency's staff", Agency: Quota{2000, 10 * time.Second}},
	{Name: Visits, What: "requests of strangers", Network: Quota{150, 10 * time.Second}, Agency: Quota{1000, 10 * time.Second}},
	{Name: Search, What: "searching for people", Account: Quota{240, time.Minute}},
	{Name: Typing, What: "saving drafts while typing", Account: Quota{240, time.Minute}},
	{Name: Confirm, What: "confirming with the own password", Account: Quota{10, 10 * time.Minute}, Network: Quota{60, 10 * time.Minute}, Closed: true},
	{Name: Elsewhere, What: "signing in at another provider", Network: Quota{120, time.Minute}, Agency: Quota{600, time.Minute}, Closed: true},
	{Name: Stop, What: "stopping e-mail by its link", Network: Quota{120, 10 * time.Minute}, Agency: Quota{600, time.Minute}},
	{Name: Reset, What: "asking for a new password", Account: Quota{3, time.Hour}, Network: Quota{30, time.Hour}, Closed: true},
	{Name: Invite, What: "inviting people", Account: Quota{40, time.Hour}, Agency: Quota{200, time.Hour}, Closed: true},
	{Name: Calendar, What: "reading one calendar feed", Account: Quota{60, time.Hour}},
	{Name: Export, What: "downloading many records", Account: Quota{20, 10 * time.Minute}, Agency: Quota{100, 10 * time.Minute}},
}

// Ladder is how waiting grows with tries.
type Ladder struct {
	Free    int           // tries without waiting
	First   time.Duration // the wait after them; it doubles with each further try
	Longest time.Duration // and ends here
	Forgets time.Duration // one try is forgotten after this
}

// The ladders of sign-in. With these, guessing one account gets about 100 tries a day
// from one network and 150 from all the world; ASVS 5.0 asks for less than 100 an hour.
var (
	// PairLadder counts an account together with a network, or with a known device.
	PairLadder = Ladder{Free: 5, First: 10 * time.Second, Longest: 15 * time.Minute, Forgets: 15 * time.Minute}
	// AddressLadder counts a /32 or an IPv6 /64: an office behind one address.
	AddressLadder = Ladder{Free: 40, First: 5 * time.Second, Longest: 5 * time.Minute, Forgets: time.Minute}
	// NetworkLadder counts a /24 or an IPv6 /48.
	NetworkLadder = Ladder{Free: 120, First: 5 * time.Second, Longest: 5 * time.Minute, Forgets: 20 * time.Second}
	// AccountLadder counts an account from wherever, known devices aside.
	AccountLadder = Ladder{Free: 20, First: 10 * time.Second, Longest: 10 * time.Minute, Forgets: 10 * time.Minute}
	// AgencyLadder counts an agency, known devices aside.
	AgencyLadder = Ladder{Free: 300, First: time.Second, Longest: 30 * time.Second, Forgets: 2 * time.Second}
)
