package find

import (
	"cmp"
	"slices"
)

// Fields says where a person matched what was asked for.
type Fields uint8

// The fields. Those of names come first, in the order of their parts.
const (
	Last Fields = 1 << iota
	First
	Preferred
	Middle
	Record
	Phone
	Birth

	guessed Fields = 1 << 7 // a typing error was forgiven
)

// How well a term matches. A preferred name counts a little more than another, a first
// or last name a little more than a middle name.
const (
	whole       = 100
	birthDay    = 90
	wholeJoined = 68
	start       = 70
	startJoined = 60
	phoneEnd    = 62
	inside      = 40
	nearOne     = 24 // one typing error
	nearTwo     = 18
	nearStart   = 16 // one typing error in the beginning of a longer word
	nearStart2  = 10

	near = 30 // worse than this is a guess

	sureScore = 1 << 12 // more than any sum of the above
)

var bonus = [parts]int{partLast: 1, partFirst: 1, partPreferred: 3, partMiddle: 0}

// A way is how a term can be met: how well, and by which field.
type way struct {
	quality int
	by      Fields
}

// wayNumber is the place of a way in ways. 0 is no way.
type wayNumber uint8

// ways are all there are, each better than those before it: of equally good ones that of
// the first field. What meets a term in several ways counts for the best.
var ways = func() []way {
	list := []way{
		{whole, Record}, {start, Record}, {inside, Record}, {whole, Phone}, {phoneEnd, Phone}, {inside, Phone}, {birthDay, Birth},
	}
	for p, more := range bonus {
		for _, quality := range []int{whole, wholeJoined, start, startJoined, inside, nearOne, nearTwo, nearStart, nearStart2} {
			list = append(list, way{quality + more, 1 << p})
		}
	}
	slices.SortFunc(list, func(a, b way) int { return cmp.Or(cmp.Compare(a.quality, b.quality), cmp.Compare(b.by, a.by)) })
	return append([]way{{}}, list...)
}()

func numberOf(quality int, by Fields) wayNumber {
	return wayNumber(slices.Index(ways, way{quality, by}))
}

var (
	recordWhole, recordStart, recordInside = numberOf(whole, Record), numberOf(start, Record), numberOf(inside, Record)
	phoneWhole, phoneLast, phoneInside     = numberOf(whole, Phone), numberOf(phoneEnd, Phone), numberOf(inside, Phone)
	bornThatDay                            = numberOf(birthDay, Birth)
)

// A kind is how a word holds a term: its way for each part of a name, joined or not.
type kind *[partMask + 1]wayNumber

// Across words written as one nothing is found inside that is in neither, and no beginning
// is guessed at.
var (
	kindWhole  = newKind(whole, wholeJoined)
	kindStart  = newKind(start, startJoined)
	kindInside = newKind(inside, 0)
	kindNear   = [...]kind{1: newKind(nearOne, nearOne), 2: newKind(nearTwo, nearTwo)} // by errors
	kindBegins = [...]kind{1: newKind(nearStart, 0), 2: newKind(nearStart2, 0)}        // by errors
)

func newKind(single, asOne int) kind {
	k := &[partMask + 1]wayNumber{}
	for p, more := range bonus {
		k[p] = numberOf(single+more, 1<<p)
		if asOne != 0 {
			k[part(p)|joined] = numberOf(asOne+more, 1<<p)
		}
	}
	return k
}
