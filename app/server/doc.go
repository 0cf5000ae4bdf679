// Package server builds everything once, in order, and knows every route. It is the only
// room that sees all the others.
//
//	wire.go     from settings to a Server that can do anything and does nothing yet
//	run.go      serving and working, and ending in good order
//	routes.go   the one table of every route
//	nav.go      the navigation, from what a person may do
//	agencies.go making an agency with what it needs from the first moment
package server
