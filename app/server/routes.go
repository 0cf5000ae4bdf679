package server

import (
	"net/http"
	"time"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/find"
	"konote/app/home"
	"konote/app/limit"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/staff"
	"konote/app/web"
)

// Handlers are the features that answer.
type Handlers struct {
	Staff       *staff.Handlers
	Program     *program.Handlers
	Participant *participant.Handlers
	Note        *note.Handlers
	Find        *find.Handlers
	Home        *home.Handlers
	Audit       *audit.Handlers
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Routes is the one table of every route of an agency's host. A row without a need does
// not start; a test tries every row with every role, of this agency and another one,
// signed in and out.
func Routes(h Handlers) []web.Route {
	return []web.Route{
		// Signing in, and one's own account.
		{Method: get, Path: "/sign-in", Need: web.Public(), Handler: h.Staff.SignInForm},
		{Method: post, Path: "/sign-in", Need: web.Public(), Handler: h.Staff.SignIn, Keeps: true},
		{Method: post, Path: "/sign-out", Need: web.Public(), Handler: h.Staff.SignOut},
		{Method: get, Path: "/account", Need: web.SignedIn(), Handler: h.Staff.Account},
		{Method: post, Path: "/account/language", Need: web.SignedIn(), Handler: h.Staff.ChangeLanguage},
		{Method: post, Path: "/account/shortcuts", Need: web.SignedIn(), Handler: h.Staff.ChangeShortcuts},
		{Method: get, Path: "/account/password", Need: web.SignedIn(), Handler: h.Staff.PasswordForm},
		{Method: post, Path: "/account/password", Need: web.SignedIn(), Handler: h.Staff.ChangePassword, Limit: limit.Confirm, Keeps: true},
		{Method: post, Path: "/account/sign-out-everywhere", Need: web.SignedIn(), Handler: h.Staff.SignOutEverywhere},

		// Home.
		{Method: get, Path: "/", Need: web.SignedIn(), Handler: h.Home.Show},

		// Finding people.
		{Method: get, Path: "/find", Need: web.Permission(access.ParticipantViewName), Handler: h.Find.Page, Limit: limit.Search},
		{Method: get, Path: "/find/suggest", Need: web.Permission(access.ParticipantViewName), Handler: h.Find.Suggest, Limit: limit.Search},

		// Programs.
		{Method: get, Path: "/programs", Need: web.SignedIn(), Handler: h.Program.List},
		{Method: get, Path: "/programs/new", Need: web.Admin(), Handler: h.Program.New},
		{Method: post, Path: "/programs", Need: web.Admin(), Handler: h.Program.Create, Keeps: true},
		{Method: get, Path: "/programs/:program", Need: web.SignedIn(), Handler: h.Program.Show},
		{Method: get, Path: "/programs/:program/edit", Need: web.SignedIn(), Handler: h.Program.Edit},
		{Method: post, Path: "/programs/:program", Need: web.SignedIn(), Handler: h.Program.Update, Keeps: true},
		{Method: post, Path: "/programs/:program/team", Need: web.Admin(), Handler: h.Program.Grant},
		{Method: post, Path: "/programs/:program/team/:person/remove", Need: web.Admin(), Handler: h.Program.Remove},

		// Participants and their enrolments.
		{Method: get, Path: "/participants", Need: web.Permission(access.ParticipantViewName), Handler: h.Participant.List},
		{Method: get, Path: "/participants/new", Need: web.Permission(access.ParticipantCreate), Handler: h.Participant.New},
		{Method: post, Path: "/participants", Need: web.Permission(access.ParticipantCreate), Handler: h.Participant.Create, Keeps: true},
		{Method: post, Path: "/participants/duplicates", Need: web.Permission(access.ParticipantCreate), Handler: h.Participant.Duplicates, Limit: limit.Search},
		{Method: get, Path: "/participants/:participant", Need: web.Permission(access.ParticipantViewName), Handler: h.Participant.Show},
		{Method: get, Path: "/participants/:participant/timeline", Need: web.Permission(access.NoteView), Handler: h.Participant.ShowTab("timeline")},
		{Method: get, Path: "/participants/:participant/about", Need: web.Permission(access.ParticipantViewName), Handler: h.Participant.About},
		{Method: get, Path: "/participants/:participant/history", Need: web.Permission(access.ParticipantViewName), Handler: h.Participant.History},
		{Method: get, Path: "/participants/:participant/edit", Need: web.Permission(access.ParticipantEditContact, access.ParticipantEdit), Handler: h.Participant.Edit},
		{Method: post, Path: "/participants/:participant", Need: web.Permission(access.ParticipantEditContact, access.ParticipantEdit), Handler: h.Participant.Update, Keeps: true},
		{Method: get, Path: "/participants/:participant/enrolments", Need: web.Permission(access.ParticipantTransfer), Handler: h.Participant.NewEnrolment},
		{Method: post, Path: "/participants/:participant/enrolments", Need: web.Permission(access.ParticipantTransfer), Handler: h.Participant.Enrol, Keeps: true},
		{Method: get, Path: "/participants/:participant/enrolments/:enrolment", Need: web.Permission(access.ParticipantTransfer), Handler: h.Participant.EditEnrolment},
		{Method: post, Path: "/participants/:participant/enrolments/:enrolment", Need: web.Permission(access.ParticipantTransfer), Handler: h.Participant.ChangeEnrolment, Keeps: true},

		// Notes.
		{Method: get, Path: "/participants/:participant/notes/new", Need: web.Permission(access.NoteCreate), Handler: h.Note.New},
		{Method: post, Path: "/participants/:participant/notes", Need: web.Permission(access.NoteCreate), Handler: h.Note.Create, Keeps: true},
		{Method: post, Path: "/participants/:participant/notes/same-day", Need: web.Permission(access.NoteCreate), Handler: h.Note.SameDay, Limit: limit.Search},
		{Method: get, Path: "/notes/:note", Need: web.Permission(access.NoteView), Handler: h.Note.Show},

		// The audit log.
		{Method: get, Path: "/audit", Need: web.Admin(), Handler: h.Audit.List},
		{Method: get, Path: "/audit/export.csv", Need: web.Admin(), Handler: h.Audit.Export, Limit: limit.Export, Timeout: 5 * time.Minute},
		{Method: get, Path: "/audit/:seq", Need: web.Admin(), Handler: h.Audit.Show},
	}
}
