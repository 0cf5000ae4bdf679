package server_test

import (
	"strings"

	"github.com/google/uuid"

	"konote/app/apptest"
)

// together fills the parameters of a route of groups or circles, of the program that the
// subject names; pair is a circle of two.
func (w *world) together(path, subject string, programs map[string]uuid.UUID) (string, uuid.UUID) {
	of := w.Cedar
	if subject == "foreign" {
		of = w.Birch
	}
	g := &apptest.Group{ID: missing, Session: missing, Step: missing, Member: missing}
	around := &apptest.Circle{ID: missing, Member: missing}
	if program, ok := programs[subject]; ok {
		g, around = of.Groups[program], of.Circles[program]
	} else if subject == "pair" {
		around = of.Circles[uuid.Nil]
	}
	id := uuid.Nil
	set := func(name string, value uuid.UUID) {
		if strings.Contains(path, ":"+name) {
			id = value
			path = strings.Replace(path, ":"+name, value.String(), 1)
		}
	}
	set("circle", around.ID)
	if id != uuid.Nil {
		set("member", around.Member)
		return path, id
	}
	set("group", g.ID)
	set("session", g.Session)
	set("step", g.Step)
	set("member", g.Member)
	return path, id
}
