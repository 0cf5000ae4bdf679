// Package config reads what the operator decides: one row for each setting, with its
// name in the environment, its default, whether it is secret and what is checked. The
// table in the README is made from the rows, and a test compares them.
//
// A secret may be given as NAME or as NAME_FILE, the path of a file that holds it
// (as container platforms mount secrets); both at once are an error. Values of
// secrets never appear in an error or a log.
package config
