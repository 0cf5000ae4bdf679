package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"
)

// Flaw is what is wrong with an entry, in a word.
type Flaw string

// What Verify finds.
const (
	Altered  Flaw = "altered"  // the entry is not the one that was hashed
	Missing  Flaw = "missing"  // the entry is not in its place
	Unlinked Flaw = "unlinked" // the entry does not follow the one before it
	Rebuilt  Flaw = "rebuilt"  // a checkpoint says that another entry stood here
	Cut      Flaw = "cut"      // a checkpoint says that the chain was longer
	Differs  Flaw = "differs"  // the columns for searching differ from the body
)

// Break is the first entry of a chain that is not right. Nothing after it is proven.
type Break struct {
	Seq   int64
	Event uuid.UUID // nil when the entry is missing
	Flaw  Flaw
}

func (b Break) String() string {
	if b.Event == uuid.Nil {
		return fmt.Sprintf("entry %d: %s", b.Seq, b.Flaw)
	}
	return fmt.Sprintf("entry %d (%s): %s", b.Seq, b.Event, b.Flaw)
}

// Chain is what Verify found of one agency's chain.
type Chain struct {
	Agency  uuid.UUID
	Entries int64 // read
	Head    Head  // of the entries that are right
	// Proven is the last entry that a trusted head vouches for. What follows it is
	// consistent in itself, which whoever holds the database could have arranged.
	Proven int64
	Break  *Break
}

// Report of a verification: the chains in order of agency.
type Report struct {
	Chains []Chain
}

// OK says that nothing is broken.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Chains, func(c Chain) bool { return c.Break != nil })
}

// Entries is how many entries were read.
func (r Report) Entries() int64 {
	var sum int64
	for _, c := range r.Chains {
		sum += c.Entries
	}
	return sum
}

// Verify reads entries, those of an agency in their order, and holds them against each
// other and against the trusted heads. It finds every edit, deletion and change of
// order; a tail that was cut and a chain that was made anew it can only find up
// to the newest trusted head. A chain of which there is a trusted head and no
// entry is cut. It stops with an error only when the entries cannot be read.
func Verify(entries iter.Seq2[Entry, error], trusted []Head) (Report, error) {
	v := newVerifier(trusted)
	for e, err := range entries {
		if err != nil {
			return Report{}, err
		}
		v.add(&e)
	}
	return v.report(), nil
}

type verifier struct {
	chains  map[uuid.UUID]*chainState
	last    *chainState // of the entry before: entries of a chain mostly stand together
	scratch []byte
}

type chainState struct {
	Chain
	trusted []Head // in order of Seq, those still ahead
}

func newVerifier(trusted []Head) *verifier {
	v := &verifier{chains: map[uuid.UUID]*chainState{}}
	for _, head := range trusted {
		c := v.chain(head.Agency)
		c.trusted = append(c.trusted, head)
	}
	for _, c := range v.chains {
		slices.SortStableFunc(c.trusted, func(a, b Head) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	return v
}

func (v *verifier) chain(agency uuid.UUID) *chainState {
	if v.last != nil && v.last.Agency == agency {
		return v.last
	}
	c := v.chains[agency]
	if c == nil {
		c = &chainState{Chain: Chain{Agency: agency, Head: Head{Agency: agency}}}
		v.chains[agency] = c
	}
	v.last = c
	return c
}

func (v *verifier) add(e *Entry) {
	c := v.chain(e.Agency)
	c.Entries++
	if c.Break != nil {
		return
	}
	var hash Hash
	hash, v.scratch = e.link(v.scratch)
	switch {
	case e.Seq != c.Head.Seq+1:
		c.Break = &Break{Seq: c.Head.Seq + 1, Flaw: Missing}
	case hash != e.Hash:
		c.broken(e, Altered)
	case e.Prev != c.Head.Hash:
		c.broken(e, Unlinked)
	case e.columns != nil && !e.agree():
		c.broken(e, Differs)
	default:
		c.accept(e)
	}
}

// accept moves the head on, if the trusted heads agree.
func (c *chainState) accept(e *Entry) {
	for len(c.trusted) > 0 && c.trusted[0].Seq == e.Seq {
		if c.trusted[0].Hash != e.Hash {
			c.broken(e, Rebuilt)
			return
		}
		c.trusted = c.trusted[1:]
		c.Proven = e.Seq
	}
	c.Head = Head{Agency: e.Agency, Seq: e.Seq, Hash: e.Hash}
}

func (c *chainState) broken(e *Entry, flaw Flaw) {
	c.Break = &Break{Seq: e.Seq, Event: e.Event, Flaw: flaw}
}

func (v *verifier) report() Report {
	var r Report
	for _, c := range v.chains {
		if c.Break == nil && len(c.trusted) > 0 {
			c.Break = &Break{Seq: c.Head.Seq + 1, Flaw: Cut}
		}
		r.Chains = append(r.Chains, c.Chain)
	}
	slices.SortFunc(r.Chains, func(a, b Chain) int { return bytes.Compare(a.Agency[:], b.Agency[:]) })
	return r
}
