// Package find finds people: by parts of their names in any order, with or without
// accents, in spite of a typing error, by record id, phone number or birth date.
//
// # Model
//
// All of that is sealed in the database, and nothing there can be searched: a keyed index
// of names on disk gives most of them away to whoever knows a few of the people. So the
// names of an agency are opened on first use, folded ([Finder] and fold) and kept in
// memory in an index of words. It takes about a hundred bytes a person and is made in a
// fraction of a second. Whoever can read this memory can read the data key beside it, so
// the index crosses no new border.
//
// # Who is found
//
// Each program has a bitmap of those who are or were in it. A search unites the bitmaps
// of the programs in which the actor sees people (participant.view_name) and looks at
// nobody else: the others are neither listed nor counted nor guessed at. A field that
// some roles do not see (birth date, middle name …) finds only those of whom the actor
// sees that field. What is then shown is opened from the database and asks access once
// more, so a mistake in the index shows no name. The duration of a search depends on how
// many words all people of the agency have and on whom of those in view it finds, not on
// who the others are.
//
// # How it stays true
//
// A change takes the next number of the agency's one epoch row and stamps the people it
// touches ([Touch]); the row stays locked until the commit, so numbers become visible in
// their order. A search reads the rows with a newer number than its index has, together with
// those it has found, and asks again if there are any. What was committed before a search
// began, by whatever process, is found. What the searching
// transaction itself has written is left to the searches after its commit, because it may
// be rolled back and its number taken by another.
//
// # How it goes
//
// An index is zeroed and forgotten when the agency's key leaves the key ring, when the
// agency is no longer active, after an hour without a search, and when the memory is
// needed for others. A search that has begun keeps its index until it ends. Copies that
// the garbage collector has not reached yet, of opened fields above all, are not zeroed.
//
// # How it ranks
//
// Words of a query must all be met, each by any of a person's names: as a whole word
// before a beginning before a piece, a preferred name a little before the others. When
// that finds fewer than five people, words of four letters may have one typing error and
// words of eight two, and names may be spelled another way (ph for f, Mohamed for
// Muhammad); such guesses come last and are marked. Equal people come in the
// order of last name, first name and id, so that the same question has the same answer.
//
// # The files
//
//	normal.go    folding: what names look like when they are compared
//	query.go     what a query asks for
//	distance.go  typing errors
//	spelling.go  names that are written in several ways
//	index.go     words and people in memory; finish.go puts them in order
//	words.go     words by their beginnings, letters and pairs of letters
//	tables.go    bitmaps, and ids to numbers
//	match.go     searching; ways.go what counts how much; meet.go how terms are met;
//	             alike.go looks for duplicates
//	build.go     from the database to the index, and keeping up; raw.go opens rows
//	finder.go    which indexes are held, and for how long
//	search.go    what others call
//	store.go     all SQL
//	handlers.go  the page and the suggestions
package find
