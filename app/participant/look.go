package participant

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"konote/app/find"
)

// fewFound is how many people are found before typing errors are forgiven.
const fewFound = 5

// Look finds among those whom a form offers the ones whose names answer a query, sorted by
// name: with typing errors forgiven where few do exactly.
func Look(everybody map[uuid.UUID]Named, query string) []Named {
	var sure, likely []Named
	for _, named := range everybody {
		surely, perhaps := find.Meets(query, named.FullName)
		switch {
		case surely:
			sure = append(sure, named)
		case perhaps:
			likely = append(likely, named)
		}
	}
	SortNames(sure)
	if len(sure) >= fewFound {
		return sure
	}
	SortNames(likely)
	return append(sure, likely...)
}

// SortNames puts people in the order of their names.
func SortNames(people []Named) {
	slices.SortFunc(people, func(a, b Named) int {
		return cmp.Or(cmp.Compare(a.FullName, b.FullName), slices.Compare(a.ID[:], b.ID[:]))
	})
}
