// Package house holds the house to its plan: its tests read the code and fail when an
// arrow between rooms, or a rule that every room keeps, is broken. There is nothing
// here but tests; run them with `make check`.
package house
