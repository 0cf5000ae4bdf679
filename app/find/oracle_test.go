package find

import (
	"bytes"
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/demo/people"
)

// someone is a person as the oracle knows her.
type someone struct {
	id     uuid.UUID
	person people.Person
	places []place
	// Her whereabouts are kept safe.
	guarded bool
}

func (s someone) entry() entry {
	e := entry{id: s.id, places: s.places, guarded: s.guarded, phone: digitsOf(s.person.Phone), birth: dayFrom(s.person.BirthDate)}
	for p, name := range s.names() {
		e.names[p] = fold(nil, name)
	}
	e.record = compact(fold(nil, s.person.RecordID))
	return e
}

func (s someone) names() [parts]string {
	return [parts]string{partLast: s.person.Last, partFirst: s.person.First, partPreferred: s.person.Preferred, partMiddle: s.person.Middle}
}

// oracle answers searches by looking at everybody, with strings and no index.
type oracle map[uuid.UUID]someone

type answer struct {
	id     uuid.UUID
	score  int
	fields Fields
	name   string
}

func in(programs []uuid.UUID, s someone) bool {
	return slices.ContainsFunc(s.places, func(p place) bool { return slices.Contains(programs, p.program) })
}

// both are the programs of a field if she is also in one of the others, or else none.
func both(programs, others []uuid.UUID, s someone) []uuid.UUID {
	if !in(others, s) {
		return nil
	}
	return programs
}

func (o oracle) search(terms []term, sc scope, limit int) ([]match, int) {
	ask := func(guess bool) []answer {
		var answers []answer
		for _, s := range o {
			if a, ok := o.meet(s, terms, sc, guess); ok {
				answers = append(answers, a)
			}
		}
		return answers
	}
	answers := ask(false)
	if len(answers) < enough {
		answers = ask(true)
	}
	slices.SortFunc(answers, func(a, b answer) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.name, b.name), bytes.Compare(a.id[:], b.id[:]))
	})
	var matches []match
	for _, a := range answers[:min(limit, len(answers))] {
		matches = append(matches, match{a.id, a.fields})
	}
	return matches, len(answers)
}

func (o oracle) meet(s someone, terms []term, sc scope, guess bool) (answer, bool) {
	a := answer{id: s.id, name: string(fold(nil, s.person.Last+" "+s.person.First))}
	if len(terms) == 0 || !in(sc.view, s) || slices.Contains(sc.closed, s.id) {
		return a, false
	}
	if s.guarded { // what leads to her is for those whom she trusts
		sc.middle, sc.phone, sc.birth = both(sc.middle, sc.trusted, s), both(sc.phone, sc.trusted, s), both(sc.birth, sc.trusted, s)
	}
	for _, t := range terms {
		best, by := 0, Fields(0)
		offer := func(quality int, field Fields) {
			if quality > best || (quality == best && field < by) {
				best, by = quality, field
			}
		}
		text := string(t.text)
		scopes := [parts][]uuid.UUID{partLast: sc.view, partFirst: sc.view, partPreferred: sc.preferred, partMiddle: sc.middle}
		for p, name := range s.names() {
			if !in(scopes[p], s) {
				continue
			}
			for _, q := range oracleNames(string(fold(nil, name)), text, guess && t.errors > 0) {
				offer(q+int(bonus[p]), 1<<p)
			}
		}
		record := strings.ReplaceAll(string(fold(nil, s.person.RecordID)), " ", "")
		if record == text {
			offer(whole, Record)
		} else if len(text) >= 3 && strings.HasPrefix(record, text) {
			offer(start, Record)
		} else if len(text) >= 3 && strings.Contains(record, text) {
			offer(inside, Record)
		}
		if number := strings.TrimPrefix(text, "1"); t.phone != 0 && in(sc.phone, s) {
			if len(text) != 11 {
				number = text
			}
			switch {
			case s.person.Phone == number:
				offer(whole, Phone)
			case strings.HasSuffix(s.person.Phone, number):
				offer(phoneEnd, Phone)
			case strings.Contains(s.person.Phone, number):
				offer(inside, Phone)
			}
		}
		if t.birth != 0 && in(sc.birth, s) && dayFrom(s.person.BirthDate) == t.birth {
			offer(birthDay, Birth)
		}
		if best == 0 {
			return a, false
		}
		a.score += 2 * best
		a.fields |= by
		if best < near {
			a.fields |= guessed
		}
	}
	if slices.ContainsFunc(s.places, func(p place) bool { return p.current && slices.Contains(sc.view, p.program) }) {
		a.score++
	}
	if a.fields&guessed == 0 {
		a.score += sureScore
	}
	return a, true
}

// oracleNames gives every way in which a folded name meets a word.
func oracleNames(name, text string, guess bool) []int {
	var qualities []int
	words := strings.Fields(name)
	for i, word := range words {
		switch {
		case word == text:
			qualities = append(qualities, whole)
		case strings.HasPrefix(word, text):
			qualities = append(qualities, start)
		case strings.Contains(word, text):
			qualities = append(qualities, inside)
		case guess:
			qualities = append(qualities, oracleGuess(word, text, true)...)
		}
		for _, other := range respelled([]byte(text)) {
			switch other := string(other); {
			case !guess:
			case word == other:
				qualities = append(qualities, nearOne)
			case strings.HasPrefix(word, other):
				qualities = append(qualities, nearStart)
			}
		}
		if i > 3 || i == len(words)-1 {
			continue
		}
		switch one := strings.Join(words[i:], ""); {
		case one == text:
			qualities = append(qualities, wholeJoined)
		case strings.HasPrefix(one, text):
			qualities = append(qualities, startJoined)
		case guess:
			qualities = append(qualities, oracleGuess(one, text, false)...)
		}
		for _, other := range respelled([]byte(text)) {
			if one := strings.Join(words[i:], ""); guess && one == string(other) {
				qualities = append(qualities, nearOne)
			}
		}
	}
	return qualities
}

func oracleGuess(word, text string, beginnings bool) []int {
	letters := []rune(text)
	allowed := forgiven(len(letters))
	errors := slowErrors(letters, []rune(word))
	if n := errors[len(errors)-1]; n <= allowed {
		return []int{[...]int{0, nearOne, nearTwo}[n]}
	}
	if n := slices.Min(errors); beginnings && n <= allowed {
		return []int{[...]int{0, nearStart, nearStart2}[n]}
	}
	return nil
}

var testDay = civil.Date{Year: 2026, Month: time.March, Day: 2}

// fewPeople is an index of some people, all in scope.
func fewPeople() (*index, scope) {
	series, program := people.New(1, testDay), []uuid.UUID{{1}}
	x := newIndex()
	for i := range 300 {
		x.add(someone{id: uuid.UUID{byte(i), byte(i >> 8)}, person: series.Next(), places: []place{{program[0], true}}}.entry())
	}
	x.finish()
	return x, scope{view: program, preferred: program, middle: program, phone: program, birth: program, trusted: program}
}

// queries makes queries of all kinds about somebody.
func queries(random *rand.Rand, p people.Person) string {
	letters := func(text string) string { // a piece
		runes := []rune(text)
		if len(runes) < 2 {
			return text
		}
		from := random.IntN(len(runes) - 1)
		return string(runes[from : from+1+random.IntN(len(runes)-from)])
	}
	mistype := func(text string) string {
		runes := []rune(text)
		at := random.IntN(len(runes))
		switch random.IntN(4) {
		case 0:
			runes[at] = 'x'
		case 1:
			runes = slices.Delete(runes, at, at+1)
		case 2:
			runes = slices.Insert(runes, at, 'e')
		default:
			if at > 0 {
				runes[at-1], runes[at] = runes[at], runes[at-1]
			}
		}
		return string(runes)
	}
	otherwise := strings.NewReplacer("ph", "f", "Ph", "F", "f", "ph", "F", "Ph", "Mohamed", "Muhammad", "Youssef", "Yusuf")
	switch random.IntN(17) {
	case 0:
		return p.First + " " + p.Last
	case 1:
		return p.Last + ", " + p.First
	case 2:
		return letters(p.Last)
	case 3:
		return strings.ToUpper(string(fold(nil, p.Last)))
	case 4:
		return mistype(p.Last)
	case 5:
		return mistype(p.First) + " " + mistype(p.Last)
	case 6:
		return strings.NewReplacer("-", "", "’", "", " ", "").Replace(p.Last)
	case 7:
		return p.BirthDate.String()
	case 8:
		return letters(p.Phone)
	case 9:
		return p.RecordID
	case 10:
		return string([]rune(p.First)[:1]) + " " + letters(p.Last)
	case 11:
		return p.Preferred + " " + p.Last
	case 12:
		return p.Last + " " + p.BirthDate.String()
	case 13:
		return otherwise.Replace(p.First + " " + letters(p.Last))
	case 14:
		return p.Last + " " + otherwise.Replace(p.First)
	case 15:
		return p.Last + " " + p.Phone
	}
	return p.Middle + " " + letters(p.RecordID)
}

func TestSearchFindsWhatLookingAtEverybodyFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 7))
		series := people.New(seed, testDay)
		programs := []uuid.UUID{{1}, {2}, {3}, {4}, {5}}
		truth, known := oracle{}, []uuid.UUID{}
		change := func() entry {
			s := someone{id: uuid.UUID{byte(len(known)), byte(len(known) >> 8), 9}}
			if len(known) > 0 && random.IntN(3) == 0 { // somebody known
				s = truth[known[random.IntN(len(known))]]
			} else {
				known = append(known, s.id)
			}
			if s.person.First == "" || random.IntN(2) == 0 {
				s.person = series.Next()
			}
			if random.IntN(6) == 0 {
				s.person.First = []string{"Mohamed", "Joséphine", "Sofia", "Youssef"}[random.IntN(4)]
			}
			s.places, s.guarded = nil, random.IntN(4) == 0
			for range random.IntN(4) { // none: deleted, or all enrolments cancelled
				s.places = append(s.places, place{programs[random.IntN(len(programs))], random.IntN(3) > 0})
			}
			truth[s.id] = s
			return s.entry()
		}
		first := map[uuid.UUID]entry{}
		for range 300 {
			e := change()
			first[e.id] = e
		}
		x := newIndex()
		for _, id := range slices.SortedFunc(maps.Keys(first), func(a, b uuid.UUID) int { return -bytes.Compare(a[:], b[:]) }) {
			x.add(first[id])
		}
		x.finish()

		some := func() []uuid.UUID {
			var list []uuid.UUID
			for _, p := range programs {
				if random.IntN(2) == 0 {
					list = append(list, p)
				}
			}
			return list
		}
		for range 400 {
			if random.IntN(4) == 0 {
				x.put(change())
			}
			view := some()
			sc := scope{view: view, preferred: view, middle: view, phone: view, birth: view, trusted: view}
			if random.IntN(2) == 0 {
				only := func(list []uuid.UUID) []uuid.UUID {
					return slices.DeleteFunc(list, func(p uuid.UUID) bool { return !slices.Contains(view, p) })
				}
				sc.preferred, sc.middle, sc.phone, sc.birth = only(some()), only(some()), only(some()), only(some())
				sc.trusted = only(some())
				for range random.IntN(5) {
					sc.closed = append(sc.closed, known[random.IntN(len(known))])
				}
			}
			q := queries(random, truth[known[random.IntN(len(known))]].person)
			limit := 1 + random.IntN(12)
			got, gotTotal, _ := x.search(parse(q), sc, limit)
			want, wantTotal := truth.search(parse(q), sc, limit)
			if gotTotal != wantTotal || !slices.Equal(got, want) {
				t.Fatalf("seed %d: search(%q) in %v = %v of %d\nwant %v of %d", seed, q, sc.view, got, gotTotal, want, wantTotal)
			}
		}
	}
}
