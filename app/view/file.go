package view

// File is a bundled file as it is sent: whole, and compressed ahead of time where that
// makes it smaller (nil otherwise).
type File struct {
	ContentType string
	Body        []byte
	Gzip        []byte
	// Immutable files carry their checksum in their name, so a browser may keep them
	// for a year. Others (/sw.js, /offline) are asked for again each time.
	Immutable bool
}
