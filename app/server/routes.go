package server

import (
	"net/http"
	"time"

	"konote/app/access"
	"konote/app/alert"
	"konote/app/audit"
	"konote/app/caseload"
	"konote/app/circle"
	"konote/app/consent"
	"konote/app/demo/identity"
	"konote/app/demo/mailbox"
	"konote/app/directive"
	"konote/app/draft"
	"konote/app/event"
	"konote/app/factor"
	"konote/app/find"
	"konote/app/grant"
	"konote/app/group"
	"konote/app/home"
	"konote/app/invite"
	"konote/app/limit"
	"konote/app/message"
	"konote/app/metric"
	"konote/app/note"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/program"
	"konote/app/settings"
	"konote/app/sso"
	"konote/app/staff"
	"konote/app/team"
	"konote/app/watch"
	"konote/app/web"
)

// Handlers are the features that answer.
type Handlers struct {
	Staff       *staff.Handlers
	Invite      *invite.Handlers
	Factor      *factor.Handlers
	Program     *program.Handlers
	Participant *participant.Handlers
	Note        *note.Handlers
	Find        *find.Handlers
	Draft       *draft.Handlers
	Alert       *alert.Handlers
	Group       *group.Handlers
	Circle      *circle.Handlers
	Consent     *consent.Handlers
	Directive   *directive.Handlers
	Metric      *metric.Handlers
	Plan        *plan.Handlers
	Event       *event.Handlers
	Mailbox     *mailbox.Handlers // of the demo; nil otherwise
	Home        *home.Handlers
	Message     *message.Handlers
	Caseload    *caseload.Handlers
	Team        *team.Handlers
	Audit       *audit.Handlers
	Watch       *watch.Handlers
	SSO         *sso.Handlers
	Identity    *identity.Handlers // of the demo; nil otherwise
	Settings    *settings.Handlers
	Grant       *grant.Handlers
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Routes is the one table of every route of an agency's host. A row without a need does
// not start; a test tries every row with every role, of this agency and another one,
// signed in and out.
func Routes(h Handlers) []web.Route {
	return append(append(demoRoutes(h.Mailbox), identityRoutes(h.Identity)...), []web.Route{
		// Signing in, and one's own account.
		{Method: get, Path: "/sign-in", Need: web.Public(), Handler: h.Staff.SignInForm},
		{Method: post, Path: "/sign-in", Need: web.Public(), Handler: h.Staff.SignIn, Keeps: true},
		{Method: get, Path: "/sign-in/sso", Need: web.Public(), Handler: h.SSO.Form},
		{Method: post, Path: "/sign-in/sso", Need: web.Public(), Handler: h.SSO.Start, Limit: limit.Elsewhere},
		{Method: get, Path: "/sign-in/sso/callback", Need: web.Public(), Handler: h.SSO.Callback, Limit: limit.Elsewhere, Timeout: 20 * time.Second},
		{Method: post, Path: "/sign-in/sso/backchannel", Need: web.Public(), Handler: h.SSO.Backchannel, Limit: limit.Elsewhere, Foreign: true, Quiet: true, Timeout: 20 * time.Second},
		{Method: get, Path: "/account/connected", Need: web.SignedIn().Fresh(), Handler: h.SSO.Account},
		{Method: post, Path: "/account/connected", Need: web.SignedIn().Fresh(), Handler: h.SSO.Connect, Limit: limit.Elsewhere},
		{Method: post, Path: "/account/connected/:identity/remove", Need: web.SignedIn().Fresh(), Handler: h.SSO.Disconnect},
		{Method: get, Path: "/settings/sso", Need: web.Admin().Fresh(), Handler: h.SSO.Settings},
		{Method: post, Path: "/settings/sso", Need: web.Admin().Fresh(), Handler: h.SSO.Save, Keeps: true, Timeout: 20 * time.Second},
		{Method: post, Path: "/settings/sso/status", Need: web.Admin().Fresh(), Handler: h.SSO.ChangeStatus},
		{Method: post, Path: "/settings/sso/password", Need: web.Admin().Fresh(), Handler: h.SSO.ChangePasswords},
		{Method: post, Path: "/settings/sso/unlinked", Need: web.Admin().Fresh(), Handler: h.SSO.SendLinks, Limit: limit.Invite},
		{Method: post, Path: "/settings/sso/try", Need: web.Admin().Fresh(), Handler: h.SSO.Try, Limit: limit.Elsewhere},
		{Method: post, Path: "/settings/sso/groups", Need: web.Admin().Fresh(), Handler: h.SSO.AddGroup, Keeps: true},
		{Method: post, Path: "/settings/sso/groups/:mapping/remove", Need: web.Admin().Fresh(), Handler: h.SSO.RemoveGroup},
		{Method: post, Path: "/settings/sso/linked/:identity/remove", Need: web.Admin().Fresh(), Handler: h.SSO.Unlink},
		{Method: post, Path: "/sign-out", Need: web.Public(), Handler: h.Staff.SignOut},
		{Method: get, Path: "/account", Need: web.SignedIn(), Handler: h.Staff.Account},
		{Method: post, Path: "/account/language", Need: web.SignedIn(), Handler: h.Staff.ChangeLanguage},
		{Method: post, Path: "/account/shortcuts", Need: web.SignedIn(), Handler: h.Staff.ChangeShortcuts},
		{Method: post, Path: "/working-in", Need: web.SignedIn(), Handler: h.Staff.WorkIn},
		{Method: get, Path: "/account/details", Need: web.SignedIn().Fresh(), Handler: h.Staff.DetailsForm},
		{Method: post, Path: "/account/details", Need: web.SignedIn().Fresh(), Handler: h.Staff.SaveDetails, Limit: limit.Confirm, Keeps: true},
		{Method: get, Path: "/account/password", Need: web.SignedIn(), Handler: h.Staff.PasswordForm},
		{Method: post, Path: "/account/password", Need: web.SignedIn(), Handler: h.Staff.ChangePassword, Limit: limit.Confirm, Keeps: true},
		{Method: get, Path: "/sign-in/second", Need: web.SignedIn().Half(), Handler: h.Factor.StepForm},
		{Method: post, Path: "/sign-in/second", Need: web.SignedIn().Half(), Handler: h.Factor.Step, Keeps: true},
		{Method: post, Path: "/sign-in/second/ask", Need: web.SignedIn().Half(), Handler: h.Factor.Ask},
		{Method: get, Path: "/account/confirm", Need: web.SignedIn(), Handler: h.Factor.ConfirmForm},
		{Method: post, Path: "/account/confirm", Need: web.SignedIn(), Handler: h.Factor.Confirm, Keeps: true},
		{Method: post, Path: "/account/confirm/elsewhere", Need: web.SignedIn(), Handler: h.SSO.Prove, Limit: limit.Elsewhere},
		{Method: post, Path: "/account/confirm/ask", Need: web.SignedIn(), Handler: h.Factor.Ask},
		{Method: get, Path: "/account/security", Need: web.SignedIn().Fresh(), Handler: h.Factor.Security},
		{Method: post, Path: "/account/security/app", Need: web.SignedIn().Enrolling().Fresh(), Handler: h.Factor.BeginApp},
		{Method: get, Path: "/account/security/app", Need: web.SignedIn().Enrolling().Fresh(), Handler: h.Factor.AppForm},
		{Method: post, Path: "/account/security/app/code", Need: web.SignedIn().Enrolling().Fresh(), Handler: h.Factor.ConfirmApp, Limit: limit.Confirm, Keeps: true},
		{Method: get, Path: "/account/security/passkey", Need: web.SignedIn().Enrolling().Fresh(), Handler: h.Factor.PasskeyForm},
		{Method: post, Path: "/account/security/passkey", Need: web.SignedIn().Enrolling().Fresh(), Handler: h.Factor.AddPasskey, Keeps: true},
		{Method: post, Path: "/account/security/passkey/ask", Need: web.SignedIn().Enrolling().Fresh(), Handler: h.Factor.AskNew},
		{Method: post, Path: "/account/security/codes", Need: web.SignedIn().Fresh(), Handler: h.Factor.MakeCodes},
		{Method: get, Path: "/account/security/remove", Need: web.SignedIn().Fresh(), Handler: h.Factor.RemoveForm},
		{Method: post, Path: "/account/security/remove", Need: web.SignedIn().Fresh(), Handler: h.Factor.Remove},
		{Method: get, Path: "/settings/sign-in", Need: web.Admin().Fresh(), Handler: h.Factor.PolicyForm},
		{Method: post, Path: "/settings/sign-in", Need: web.Admin().Fresh(), Handler: h.Factor.SavePolicy, Keeps: true},
		{Method: get, Path: "/staff/:person/second-factor/reset", Need: web.Admin().Fresh(), Handler: h.Factor.ResetForm},
		{Method: post, Path: "/staff/:person/second-factor/reset", Need: web.Admin().Fresh(), Handler: h.Factor.Reset},
		{Method: post, Path: "/account/sign-out-everywhere", Need: web.SignedIn(), Handler: h.Staff.SignOutEverywhere},

		{Method: post, Path: "/account/end-others", Need: web.SignedIn(), Handler: h.Staff.EndOthers},

		// A forgotten password.
		{Method: get, Path: "/forgot", Need: web.Public(), Handler: h.Staff.ForgottenForm},
		{Method: post, Path: "/forgot", Need: web.Public(), Handler: h.Staff.Forgotten, Keeps: true},
		{Method: get, Path: "/reset/:token", Need: web.Public(), Handler: h.Staff.FollowReset, Secret: true},
		{Method: get, Path: "/reset", Need: web.Public(), Handler: h.Staff.ResetForm},
		{Method: post, Path: "/reset", Need: web.Public(), Handler: h.Staff.Reset, Limit: limit.Confirm, Keeps: true},

		// The accounts of others: administrators, and who manages people in a program.
		{Method: get, Path: "/staff", Need: web.SignedIn(), Handler: h.Staff.People},
		{Method: post, Path: "/staff", Need: web.SignedIn(), Handler: h.Staff.FindPeople, Keeps: true},
		{Method: get, Path: "/staff/invitations", Need: web.SignedIn(), Handler: h.Invite.List},
		{Method: get, Path: "/staff/invitations/new", Need: web.SignedIn().Fresh(), Handler: h.Invite.New},
		{Method: post, Path: "/staff/invitations", Need: web.SignedIn().Fresh(), Handler: h.Invite.Create, Limit: limit.Invite, Keeps: true},
		{Method: post, Path: "/staff/invitations/:invitation/revoke", Need: web.SignedIn(), Handler: h.Invite.Revoke},
		{Method: get, Path: "/staff/invitations/:invitation/again", Need: web.SignedIn().Fresh(), Handler: h.Invite.AskAgain},
		{Method: post, Path: "/staff/invitations/:invitation/again", Need: web.SignedIn().Fresh(), Handler: h.Invite.Again, Limit: limit.Invite},
		{Method: get, Path: "/staff/:person", Need: web.SignedIn(), Handler: h.Staff.Person},
		{Method: get, Path: "/staff/:person/edit", Need: web.SignedIn().Fresh(), Handler: h.Staff.EditPerson},
		{Method: post, Path: "/staff/:person", Need: web.SignedIn().Fresh(), Handler: h.Staff.SavePerson, Keeps: true},
		{Method: get, Path: "/staff/:person/roles", Need: web.SignedIn().Fresh(), Handler: h.Staff.RolesForm},
		{Method: post, Path: "/staff/:person/roles", Need: web.SignedIn().Fresh(), Handler: h.Staff.SetRole, Keeps: true},
		{Method: get, Path: "/staff/:person/administrator", Need: web.SignedIn().Fresh(), Handler: h.Staff.AskAdmin},
		{Method: post, Path: "/staff/:person/administrator", Need: web.SignedIn().Fresh(), Handler: h.Staff.SetAdmin},
		{Method: get, Path: "/staff/:person/deactivate", Need: web.SignedIn().Fresh(), Handler: h.Staff.AskClose},
		{Method: post, Path: "/staff/:person/deactivate", Need: web.SignedIn().Fresh(), Handler: h.Staff.Close},
		{Method: get, Path: "/staff/:person/reactivate", Need: web.SignedIn().Fresh(), Handler: h.Staff.AskReopen},
		{Method: post, Path: "/staff/:person/reactivate", Need: web.SignedIn().Fresh(), Handler: h.Staff.Reopen},
		{Method: post, Path: "/staff/:person/sign-out", Need: web.SignedIn(), Handler: h.Staff.EndSessions},
		{Method: get, Path: "/staff/:person/reset", Need: web.SignedIn().Fresh(), Handler: h.Staff.AskReset},
		{Method: post, Path: "/staff/:person/reset", Need: web.SignedIn().Fresh(), Handler: h.Staff.SendReset},
		{Method: get, Path: "/connect/:token", Need: web.Public(), Handler: h.SSO.FollowLink, Secret: true},
		{Method: get, Path: "/connect", Need: web.Public(), Handler: h.SSO.LinkForm},
		{Method: post, Path: "/connect", Need: web.Public(), Handler: h.SSO.LeaveByLink, Limit: limit.Elsewhere},
		{Method: get, Path: "/invitation/:token", Need: web.Public(), Handler: h.Invite.Follow, Secret: true},
		{Method: get, Path: "/invitation", Need: web.Public(), Handler: h.Invite.Show},
		{Method: post, Path: "/accept-elsewhere", Need: web.Public(), Handler: h.Invite.Continue, Limit: limit.Elsewhere},
		{Method: post, Path: "/invitation", Need: web.Public(), Handler: h.Invite.Accept, Limit: limit.Confirm, Keeps: true},

		// Home.
		{Method: get, Path: "/", Need: web.SignedIn(), Handler: h.Home.Show},

		// Finding people.
		{Method: get, Path: "/find", Need: web.Permission(access.ParticipantViewName), Handler: h.Find.Page, Limit: limit.Search},
		{Method: post, Path: "/find", Need: web.Permission(access.ParticipantViewName), Handler: h.Find.Ask, Limit: limit.Search, MaxBody: 4 << 10},
		{Method: post, Path: "/find/suggest", Need: web.Permission(access.ParticipantViewName), Handler: h.Find.Suggest, Limit: limit.Search, MaxBody: 4 << 10},

		// What is being typed.
		{Method: get, Path: "/drafts/:form/:record", Need: web.SignedIn(), Handler: h.Draft.Read},
		{Method: post, Path: "/drafts/:form/:record", Need: web.SignedIn(), Handler: h.Draft.Save, Limit: limit.Typing},
		{Method: post, Path: "/drafts/:form/:record/keep", Need: web.SignedIn(), Handler: h.Draft.Keep, Limit: limit.Typing},
		{Method: post, Path: "/drafts/:form/:record/discard", Need: web.SignedIn(), Handler: h.Draft.Discard, Limit: limit.Typing},

		// Programs.
		{Method: get, Path: "/programs", Need: web.SignedIn(), Handler: h.Program.List},
		{Method: get, Path: "/programs/new", Need: web.Admin(), Handler: h.Program.New},
		{Method: post, Path: "/programs", Need: web.Admin(), Handler: h.Program.Create, Keeps: true},
		{Method: get, Path: "/programs/:program", Need: web.SignedIn(), Handler: h.Program.Show},
		{Method: get, Path: "/programs/:program/edit", Need: web.SignedIn(), Handler: h.Program.Edit},
		{Method: post, Path: "/programs/:program", Need: web.SignedIn(), Handler: h.Program.Update, Keeps: true},
		{Method: get, Path: "/programs/:program/team", Need: web.Admin().Fresh(), Handler: h.Program.Team},
		{Method: post, Path: "/programs/:program/team", Need: web.Admin().Fresh(), Handler: h.Program.Grant, Keeps: true},
		{Method: post, Path: "/programs/:program/team/:person/remove", Need: web.Admin().Fresh(), Handler: h.Program.Remove},

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
		{Method: post, Path: "/participants/:participant/enrolments/:enrolment/worker", Need: web.Permission(access.ParticipantTransfer), Handler: h.Participant.AssignWorker},

		// Consent. Participants stop e-mail by themselves, without an account.
		{Method: get, Path: "/reminders/:token", Need: web.Public(), Handler: h.Consent.AskStop},
		{Method: post, Path: "/reminders/:token", Need: web.Public(), Handler: h.Consent.Stop, Limit: limit.Stop, Foreign: true, Keeps: true},
		{Method: get, Path: "/participants/:participant/consent", Need: web.Permission(access.ConsentView), Handler: h.Participant.ShowTab("consent")},
		{Method: get, Path: "/participants/:participant/consent/:purpose", Need: web.Permission(access.ConsentManage), Handler: h.Consent.Form},
		{Method: post, Path: "/participants/:participant/consent/:purpose", Need: web.Permission(access.ConsentManage), Handler: h.Consent.Record, Keeps: true},
		{Method: get, Path: "/participants/:participant/consent/:purpose/withdraw", Need: web.Permission(access.ConsentManage), Handler: h.Consent.WithdrawForm},
		{Method: post, Path: "/participants/:participant/consent/:purpose/withdraw", Need: web.Permission(access.ConsentManage), Handler: h.Consent.Withdraw, Keeps: true},
		{Method: get, Path: "/settings/consent-texts", Need: web.Admin(), Handler: h.Consent.Texts},
		{Method: get, Path: "/settings/consent-texts/:purpose", Need: web.Admin(), Handler: h.Consent.Text},
		{Method: post, Path: "/settings/consent-texts/:purpose", Need: web.Admin(), Handler: h.Consent.SaveText, Keeps: true},

		// Notes.
		{Method: get, Path: "/participants/:participant/notes/new", Need: web.Permission(access.NoteCreate), Handler: h.Note.New},
		{Method: post, Path: "/participants/:participant/notes", Need: web.Permission(access.NoteCreate), Handler: h.Note.Create, Keeps: true},
		{Method: get, Path: "/participants/:participant/assessments/new", Need: web.Permission(access.NoteCreate), Handler: h.Note.NewAssessment},
		{Method: post, Path: "/participants/:participant/assessments", Need: web.Permission(access.NoteCreate), Handler: h.Note.CreateAssessment, Keeps: true},
		{Method: post, Path: "/participants/:participant/notes/same-day", Need: web.Permission(access.NoteCreate), Handler: h.Note.SameDay, Limit: limit.Search},
		{Method: get, Path: "/participants/:participant/notes/search", Need: web.Permission(access.NoteView), Handler: h.Note.SearchNotes},
		{Method: post, Path: "/participants/:participant/notes/search", Need: web.Permission(access.NoteView), Handler: h.Note.Search, Limit: limit.Search, Keeps: true},
		{Method: get, Path: "/participants/:participant/words", Need: web.Permission(access.NoteView), Handler: h.Note.InTheirWords},
		{Method: get, Path: "/programs/:program/notes/search", Need: web.Permission(access.NoteView), Handler: h.Note.SearchForm},
		{Method: post, Path: "/programs/:program/notes/search", Need: web.Permission(access.NoteView), Handler: h.Note.StartSearch, Limit: limit.Search, Keeps: true},
		{Method: get, Path: "/note-searches/:search", Need: web.Permission(access.NoteView), Handler: h.Note.ShowSearch},
		{Method: get, Path: "/notes/:note", Need: web.Permission(access.NoteView), Handler: h.Note.Show},
		{Method: post, Path: "/notes/:note/addenda", Need: web.Permission(access.NoteEdit), Handler: h.Note.Add, Keeps: true},
		{Method: post, Path: "/notes/:note/follow-up/done", Need: web.Permission(access.NoteCreate), Handler: h.Note.FollowUpDone},
		{Method: get, Path: "/notes/:note/follow-up", Need: web.Permission(access.NoteCreate), Handler: h.Note.FollowUpForm},
		{Method: post, Path: "/notes/:note/follow-up", Need: web.Permission(access.NoteCreate), Handler: h.Note.FollowUpMove, Keeps: true},
		{Method: get, Path: "/notes/:note/in-error", Need: web.Permission(access.NoteEdit), Handler: note.InError.Ask},
		{Method: post, Path: "/notes/:note/in-error", Need: web.Permission(access.NoteEdit), Handler: note.InError.Mark, Keeps: true},
		{Method: get, Path: "/note-templates", Need: web.SignedIn(), Handler: h.Note.Templates},
		{Method: get, Path: "/note-templates/new", Need: web.SignedIn(), Handler: h.Note.NewTemplate},
		{Method: post, Path: "/note-templates", Need: web.SignedIn(), Handler: h.Note.CreateTemplate, Keeps: true},
		{Method: get, Path: "/note-templates/:headings", Need: web.SignedIn(), Handler: h.Note.EditTemplate},
		{Method: post, Path: "/note-templates/:headings", Need: web.SignedIn(), Handler: h.Note.UpdateTemplate, Keeps: true},

		// What a participant has closed, and whereabouts that are kept safe.
		{Method: get, Path: "/participants/:participant/directives", Need: web.Permission(access.ConsentManage), Handler: h.Directive.List},
		{Method: get, Path: "/participants/:participant/directives/new", Need: web.Permission(access.ConsentManage), Handler: h.Directive.New},
		{Method: post, Path: "/participants/:participant/directives", Need: web.Permission(access.ConsentManage), Handler: h.Directive.Create, Keeps: true},
		{Method: get, Path: "/participants/:participant/directives/:directive/lift", Need: web.Permission(access.ConsentManage), Handler: h.Directive.LiftForm},
		{Method: post, Path: "/participants/:participant/directives/:directive/lift", Need: web.Permission(access.ConsentManage), Handler: h.Directive.SaveLift, Keeps: true},
		{Method: get, Path: "/participants/:participant/guard", Need: web.Permission(access.ConsentManage), Handler: h.Directive.Guard},
		{Method: post, Path: "/participants/:participant/guard", Need: web.Permission(access.ConsentManage), Handler: h.Directive.SetGuard},
		{Method: post, Path: "/participants/:participant/guard/removal", Need: web.Permission(access.ConsentManage), Handler: h.Directive.AskRemoval, Keeps: true},
		{Method: post, Path: "/participants/:participant/guard/decision", Need: web.Permission(access.ConsentManage), Handler: h.Directive.Decide},

		// Safety alerts.
		{Method: get, Path: "/alerts", Need: web.Permission(access.AlertView), Handler: h.Alert.List},
		{Method: get, Path: "/alerts/:alert", Need: web.Permission(access.AlertView), Handler: h.Alert.Show},
		{Method: get, Path: "/alerts/:alert/recommend", Need: web.Permission(access.AlertRecommendCancel), Handler: h.Alert.RecommendForm},
		{Method: post, Path: "/alerts/:alert/recommend", Need: web.Permission(access.AlertRecommendCancel), Handler: h.Alert.Recommend, Keeps: true},
		{Method: get, Path: "/alerts/:alert/review", Need: web.Permission(access.AlertReviewCancelRecommendation), Handler: h.Alert.ReviewForm},
		{Method: post, Path: "/alerts/:alert/review", Need: web.Permission(access.AlertReviewCancelRecommendation), Handler: h.Alert.Review, Keeps: true},
		{Method: get, Path: "/alerts/:alert/end", Need: web.Permission(access.AlertCancel), Handler: h.Alert.EndForm},
		{Method: post, Path: "/alerts/:alert/end", Need: web.Permission(access.AlertCancel), Handler: h.Alert.End, Keeps: true},
		{Method: get, Path: "/participants/:participant/alerts/new", Need: web.Permission(access.AlertCreate), Handler: h.Alert.New},
		{Method: post, Path: "/participants/:participant/alerts", Need: web.Permission(access.AlertCreate), Handler: h.Alert.Create, Keeps: true},

		// Events and serious events.
		{Method: get, Path: "/participants/:participant/events", Need: web.Permission(access.EventView), Handler: h.Participant.ShowTab("events")},
		{Method: get, Path: "/participants/:participant/events/new", Need: web.Permission(access.EventCreate), Handler: h.Event.New},
		{Method: post, Path: "/participants/:participant/events", Need: web.Permission(access.EventCreate), Handler: h.Event.Create, Keeps: true},
		{Method: get, Path: "/events/:event", Need: web.Permission(access.EventView), Handler: h.Event.Show},
		{Method: get, Path: "/events/:event/edit", Need: web.Permission(access.EventCreate), Handler: h.Event.Edit},
		{Method: post, Path: "/events/:event", Need: web.Permission(access.EventCreate), Handler: h.Event.Update, Keeps: true},
		{Method: get, Path: "/events/:event/in-error", Need: web.Permission(access.SreFlag), Handler: event.EventInError.Ask},
		{Method: post, Path: "/events/:event/in-error", Need: web.Permission(access.SreFlag), Handler: event.EventInError.Mark, Keeps: true},
		{Method: post, Path: "/events/:event/flag", Need: web.Permission(access.SreFlag), Handler: h.Event.Flag, Keeps: true},
		{Method: get, Path: "/serious-events", Need: web.Permission(access.SreViewReport), Handler: h.Event.Report},
		{Method: get, Path: "/serious-events/flags", Need: web.Admin(), Handler: h.Event.Flags},
		{Method: get, Path: "/serious-events/flags/:event", Need: web.Admin(), Handler: h.Event.UnflagForm},
		{Method: post, Path: "/serious-events/flags/:event", Need: web.Admin(), Handler: h.Event.Unflag, Keeps: true},
		{Method: get, Path: "/event-types", Need: web.SignedIn(), Handler: h.Event.TypeList},
		{Method: get, Path: "/event-types/new", Need: web.SignedIn(), Handler: h.Event.NewType},
		{Method: post, Path: "/event-types", Need: web.SignedIn(), Handler: h.Event.CreateType, Keeps: true},
		{Method: post, Path: "/event-types/library", Need: web.Admin(), Handler: h.Event.AddLibrary},
		{Method: get, Path: "/event-types/:type/edit", Need: web.SignedIn(), Handler: h.Event.EditType},
		{Method: post, Path: "/event-types/:type", Need: web.SignedIn(), Handler: h.Event.UpdateType, Keeps: true},
		{Method: post, Path: "/event-types/:type/move", Need: web.SignedIn(), Handler: h.Event.MoveType},

		// Meetings, and the calendar feed.
		{Method: get, Path: "/meetings", Need: web.Permission(access.MeetingView), Handler: h.Event.Week},
		{Method: get, Path: "/participants/:participant/meetings/new", Need: web.Permission(access.MeetingCreate), Handler: h.Event.NewMeeting},
		{Method: post, Path: "/participants/:participant/meetings", Need: web.Permission(access.MeetingCreate), Handler: h.Event.CreateMeeting, Keeps: true},
		{Method: get, Path: "/meetings/:meeting", Need: web.Permission(access.MeetingView), Handler: h.Event.ShowMeeting},
		{Method: get, Path: "/meetings/:meeting/edit", Need: web.Permission(access.MeetingEdit), Handler: h.Event.EditMeeting},
		{Method: post, Path: "/meetings/:meeting", Need: web.Permission(access.MeetingEdit), Handler: h.Event.UpdateMeeting, Keeps: true},
		{Method: post, Path: "/meetings/:meeting/status", Need: web.Permission(access.MeetingEdit), Handler: h.Event.SetStatus},
		{Method: get, Path: "/meetings/:meeting/in-error", Need: web.Permission(access.MeetingCreate), Handler: event.MeetingInError.Ask},
		{Method: post, Path: "/meetings/:meeting/in-error", Need: web.Permission(access.MeetingCreate), Handler: event.MeetingInError.Mark, Keeps: true},
		{Method: post, Path: "/meetings/:meeting/reminder", Need: web.Permission(access.MeetingEdit), Handler: h.Event.Retry},
		{Method: get, Path: "/account/calendar", Need: web.Permission(access.MeetingView).Fresh(), Handler: h.Event.FeedShow},
		{Method: post, Path: "/account/calendar", Need: web.Permission(access.MeetingView).Fresh(), Handler: h.Event.FeedMake},
		{Method: post, Path: "/account/calendar/revoke", Need: web.Permission(access.MeetingView), Handler: h.Event.FeedRevoke},
		{Method: get, Path: "/calendar/:token", Need: web.Public(), Handler: h.Event.Feed, Quiet: true, Secret: true},

		// Plans, their goals, and templates to begin from.
		{Method: get, Path: "/participants/:participant/plan", Need: web.Permission(access.PlanView), Handler: h.Participant.ShowTab("plan")},
		{Method: get, Path: "/participants/:participant/plan/progress", Need: web.Permission(access.PlanView), Handler: h.Plan.Progress},
		{Method: get, Path: "/participants/:participant/plan/print", Need: web.Permission(access.PlanView), Handler: h.Plan.Print},
		{Method: get, Path: "/participants/:participant/plan/templates", Need: web.Permission(access.PlanEdit), Handler: h.Plan.ChooseTemplate},
		{Method: get, Path: "/participants/:participant/plan/templates/:template", Need: web.Permission(access.PlanEdit), Handler: h.Plan.ApplyForm},
		{Method: post, Path: "/participants/:participant/plan/templates/:template", Need: web.Permission(access.PlanEdit), Handler: h.Plan.Apply, Keeps: true},
		{Method: get, Path: "/participants/:participant/goals/new", Need: web.Permission(access.PlanEdit), Handler: h.Plan.New},
		{Method: post, Path: "/participants/:participant/goals", Need: web.Permission(access.PlanEdit), Handler: h.Plan.Create, Keeps: true},
		{Method: get, Path: "/targets/:target", Need: web.Permission(access.PlanView), Handler: h.Plan.Show},
		{Method: get, Path: "/targets/:target/history", Need: web.Permission(access.PlanView), Handler: h.Plan.History},
		{Method: get, Path: "/targets/:target/edit", Need: web.Permission(access.PlanEdit), Handler: h.Plan.Edit},
		{Method: post, Path: "/targets/:target", Need: web.Permission(access.PlanEdit), Handler: h.Plan.Update, Keeps: true},
		{Method: get, Path: "/targets/:target/status", Need: web.Permission(access.PlanEdit), Handler: h.Plan.StatusForm},
		{Method: post, Path: "/targets/:target/status", Need: web.Permission(access.PlanEdit), Handler: h.Plan.SaveStatus, Keeps: true},
		{Method: get, Path: "/targets/:target/judgement", Need: web.Permission(access.PlanEdit), Handler: h.Plan.JudgeForm},
		{Method: post, Path: "/targets/:target/judgement", Need: web.Permission(access.PlanEdit), Handler: h.Plan.SaveJudgement, Keeps: true},
		{Method: post, Path: "/targets/:target/up", Need: web.Permission(access.PlanEdit), Handler: h.Plan.Raise},
		{Method: post, Path: "/targets/:target/metrics/:metric/up", Need: web.Permission(access.PlanEdit), Handler: h.Plan.RaiseMetric},
		{Method: post, Path: "/targets/:target/metrics/:metric/reviewed", Need: web.Permission(access.PlanEdit), Handler: h.Plan.Reviewed},
		{Method: get, Path: "/plan-sections/:section", Need: web.Permission(access.PlanEdit), Handler: h.Plan.EditSection},
		{Method: post, Path: "/plan-sections/:section", Need: web.Permission(access.PlanEdit), Handler: h.Plan.UpdateSection, Keeps: true},
		{Method: post, Path: "/plan-sections/:section/up", Need: web.Permission(access.PlanEdit), Handler: h.Plan.RaiseSection},
		{Method: get, Path: "/plan-templates", Need: web.SignedIn(), Handler: h.Plan.Templates},
		{Method: get, Path: "/plan-templates/new", Need: web.SignedIn(), Handler: h.Plan.NewTemplate},
		{Method: post, Path: "/plan-templates", Need: web.SignedIn(), Handler: h.Plan.CreateTemplate, Keeps: true},
		{Method: get, Path: "/plan-templates/:template", Need: web.SignedIn(), Handler: h.Plan.EditTemplate},
		{Method: post, Path: "/plan-templates/:template", Need: web.SignedIn(), Handler: h.Plan.UpdateTemplate, Keeps: true},

		// What is measured.
		{Method: get, Path: "/metrics", Need: web.SignedIn(), Handler: h.Metric.List},
		{Method: post, Path: "/metrics/library", Need: web.Admin(), Handler: h.Metric.AddLibrary},
		{Method: get, Path: "/metrics/new", Need: web.SignedIn(), Handler: h.Metric.New},
		{Method: post, Path: "/metrics", Need: web.SignedIn(), Handler: h.Metric.Create, Keeps: true},
		{Method: get, Path: "/metrics/export.csv", Need: web.SignedIn(), Handler: h.Metric.Export, Limit: limit.Export},
		{Method: get, Path: "/metrics/import", Need: web.SignedIn(), Handler: h.Metric.ImportForm},
		{Method: post, Path: "/metrics/import", Need: web.SignedIn(), Handler: h.Metric.Import, File: "file", MaxBody: 1 << 20},
		{Method: post, Path: "/metrics/import/apply", Need: web.SignedIn(), Handler: h.Metric.ApplyImport, Keeps: true, MaxBody: 1 << 20},
		{Method: get, Path: "/metrics/:metric", Need: web.SignedIn(), Handler: h.Metric.Show},
		{Method: get, Path: "/metrics/:metric/edit", Need: web.SignedIn(), Handler: h.Metric.Edit},
		{Method: post, Path: "/metrics/:metric", Need: web.SignedIn(), Handler: h.Metric.Update, Keeps: true},
		{Method: post, Path: "/metrics/:metric/status", Need: web.SignedIn(), Handler: h.Metric.Turn},

		// Many enrolments at once.
		{Method: get, Path: "/caseload", Need: web.Permission(access.ParticipantTransfer), Handler: h.Caseload.List},
		{Method: post, Path: "/caseload/review", Need: web.Permission(access.ParticipantTransfer), Handler: h.Caseload.Review, Keeps: true},
		{Method: post, Path: "/caseload", Need: web.Permission(access.ParticipantTransfer), Handler: h.Caseload.Save, Keeps: true},
		{Method: get, Path: "/caseload/changes/:change", Need: web.Permission(access.ParticipantTransfer), Handler: h.Caseload.Show},
		{Method: post, Path: "/caseload/changes/:change/undo", Need: web.Permission(access.ParticipantTransfer), Handler: h.Caseload.Undo},

		// What a program's people have done.
		{Method: get, Path: "/team", Need: web.Permission(access.ProgramManage), Handler: h.Team.Show},

		// Contacts, and messages for those who work with somebody.
		{Method: get, Path: "/participants/:participant/contacts", Need: web.Permission(access.CommunicationView), Handler: h.Participant.ShowTab("contacts")},
		{Method: get, Path: "/participants/:participant/contacts/new", Need: web.Permission(access.CommunicationLog), Handler: h.Message.NewContact},
		{Method: post, Path: "/participants/:participant/contacts", Need: web.Permission(access.CommunicationLog), Handler: h.Message.CreateContact, Keeps: true},
		{Method: get, Path: "/contacts/:contact/in-error", Need: web.Permission(access.CommunicationLog), Handler: message.ContactInError.Ask},
		{Method: post, Path: "/contacts/:contact/in-error", Need: web.Permission(access.CommunicationLog), Handler: message.ContactInError.Mark, Keeps: true},
		{Method: get, Path: "/participants/:participant/messages/new", Need: web.Permission(access.MessageLeave), Handler: h.Message.New},
		{Method: post, Path: "/participants/:participant/messages", Need: web.Permission(access.MessageLeave), Handler: h.Message.Leave, Keeps: true},
		{Method: get, Path: "/messages", Need: web.Permission(access.MessageView), Handler: h.Message.Inbox},
		{Method: post, Path: "/messages/:message/read", Need: web.Permission(access.MessageView), Handler: h.Message.Mark("read")},
		{Method: post, Path: "/messages/:message/unread", Need: web.Permission(access.MessageView), Handler: h.Message.Mark("unread")},
		{Method: post, Path: "/messages/:message/archive", Need: web.Permission(access.MessageView), Handler: h.Message.Mark("archive")},

		// Groups.
		{Method: get, Path: "/groups", Need: web.Permission(access.GroupViewRoster, access.AttendanceCheckIn, access.AttendanceViewReport), Handler: h.Group.List},
		{Method: get, Path: "/groups/new", Need: web.Permission(access.GroupCreate), Handler: h.Group.New},
		{Method: post, Path: "/groups", Need: web.Permission(access.GroupCreate), Handler: h.Group.Create, Keeps: true},
		{Method: get, Path: "/groups/:group", Need: web.Permission(access.GroupViewRoster), Handler: h.Group.Show},
		{Method: get, Path: "/groups/:group/edit", Need: web.Permission(access.GroupEdit), Handler: h.Group.Edit},
		{Method: post, Path: "/groups/:group", Need: web.Permission(access.GroupEdit), Handler: h.Group.Update, Keeps: true},
		{Method: get, Path: "/groups/:group/members/new", Need: web.Permission(access.GroupManageMembers), Handler: h.Group.NewMembers},
		{Method: post, Path: "/groups/:group/members", Need: web.Permission(access.GroupManageMembers), Handler: h.Group.AddMembers, Keeps: true},
		{Method: get, Path: "/groups/:group/members/:member", Need: web.Permission(access.GroupManageMembers), Handler: h.Group.EditMember},
		{Method: post, Path: "/groups/:group/members/:member", Need: web.Permission(access.GroupManageMembers), Handler: h.Group.ChangeMember, Keeps: true},
		{Method: get, Path: "/groups/:group/sessions/new", Need: web.Permission(access.GroupLogSession), Handler: h.Group.NewSession},
		{Method: post, Path: "/groups/:group/sessions", Need: web.Permission(access.GroupLogSession), Handler: h.Group.SaveSession, Keeps: true},
		{Method: get, Path: "/groups/:group/sessions/:session", Need: web.Permission(access.GroupViewDetail), Handler: h.Group.ShowSession},
		{Method: get, Path: "/sessions/:session/edit", Need: web.Permission(access.GroupLogSession), Handler: h.Group.EditSession},
		{Method: get, Path: "/groups/:group/check-in", Need: web.Permission(access.AttendanceCheckIn), Handler: h.Group.CheckIn},
		{Method: post, Path: "/groups/:group/check-in", Need: web.Permission(access.AttendanceCheckIn), Handler: h.Group.SaveCheckIn},
		{Method: get, Path: "/groups/:group/attendance", Need: web.Permission(access.AttendanceViewReport), Handler: h.Group.Attendance},
		{Method: get, Path: "/groups/:group/attendance.csv", Need: web.Permission(access.GroupViewReport).Fresh(), Handler: h.Group.Download, Limit: limit.Export},
		{Method: get, Path: "/groups/:group/steps/new", Need: web.Permission(access.GroupManageContent), Handler: h.Group.NewStep},
		{Method: post, Path: "/groups/:group/steps", Need: web.Permission(access.GroupManageContent), Handler: h.Group.CreateStep, Keeps: true},
		{Method: get, Path: "/steps/:step/edit", Need: web.Permission(access.GroupManageContent), Handler: h.Group.EditStep},
		{Method: post, Path: "/groups/:group/steps/:step", Need: web.Permission(access.GroupManageContent), Handler: h.Group.UpdateStep, Keeps: true},

		// Circles.
		{Method: get, Path: "/circles", Need: web.Permission(access.CircleView), Handler: h.Circle.List},
		{Method: get, Path: "/circles/new", Need: web.Permission(access.CircleCreate), Handler: h.Circle.New},
		{Method: post, Path: "/circles", Need: web.Permission(access.CircleCreate), Handler: h.Circle.Create, Keeps: true},
		{Method: get, Path: "/circles/:circle", Need: web.Permission(access.CircleView), Handler: h.Circle.Show},
		{Method: get, Path: "/circles/:circle/edit", Need: web.Permission(access.CircleEdit), Handler: h.Circle.Edit},
		{Method: post, Path: "/circles/:circle", Need: web.Permission(access.CircleEdit), Handler: h.Circle.Update, Keeps: true},
		{Method: get, Path: "/circles/:circle/members/new", Need: web.Permission(access.CircleEdit), Handler: h.Circle.NewMembers},
		{Method: post, Path: "/circles/:circle/members", Need: web.Permission(access.CircleEdit), Handler: h.Circle.AddMembers, Keeps: true},
		{Method: get, Path: "/circles/:circle/members/:member", Need: web.Permission(access.CircleEdit), Handler: h.Circle.EditMember},
		{Method: post, Path: "/circles/:circle/members/:member", Need: web.Permission(access.CircleEdit), Handler: h.Circle.ChangeMember, Keeps: true},
		{Method: post, Path: "/circles/:circle/members/:member/remove", Need: web.Permission(access.CircleEdit), Handler: h.Circle.RemoveMember},

		// Settings.
		{Method: get, Path: "/settings", Need: web.SignedIn(), Handler: h.Settings.Show},
		{Method: get, Path: "/settings/access", Need: web.Admin().Fresh(), Handler: h.Settings.Access},
		{Method: post, Path: "/settings/access", Need: web.Admin().Fresh(), Handler: h.Settings.SaveAccess, Keeps: true},

		// Access for a reason, and in an emergency.
		{Method: get, Path: "/participants/:participant/access", Need: web.Permission(access.ParticipantViewClinical).Fresh(), Handler: h.Grant.Ask},
		{Method: post, Path: "/participants/:participant/access", Need: web.Permission(access.ParticipantViewClinical).Fresh(), Handler: h.Grant.Create, Keeps: true},
		{Method: get, Path: "/participants/:participant/emergency", Need: web.Permission(access.ParticipantViewClinical), Handler: h.Grant.AskEmergency},
		{Method: post, Path: "/participants/:participant/emergency", Need: web.Permission(access.ParticipantViewClinical), Handler: h.Grant.OpenEmergency, Keeps: true},
		{Method: get, Path: "/account/access", Need: web.SignedIn(), Handler: h.Grant.Mine},
		{Method: post, Path: "/account/access/:grant/revoke", Need: web.SignedIn(), Handler: h.Grant.GiveBack},
		{Method: get, Path: "/settings/front-desk", Need: web.Admin().Fresh(), Handler: h.Settings.FrontDeskForm},
		{Method: post, Path: "/settings/front-desk", Need: web.Admin().Fresh(), Handler: h.Settings.SaveFrontDesk, Keeps: true},
		{Method: get, Path: "/settings/grants", Need: web.SignedIn(), Handler: h.Grant.List},
		{Method: get, Path: "/settings/grants/:grant", Need: web.SignedIn().Fresh(), Handler: h.Grant.Show},
		{Method: post, Path: "/settings/grants/:grant/review", Need: web.SignedIn().Fresh(), Handler: h.Grant.Review, Keeps: true},
		{Method: post, Path: "/settings/grants/:grant/revoke", Need: web.SignedIn().Fresh(), Handler: h.Grant.Revoke},
		{Method: get, Path: "/settings/grant-reasons", Need: web.Admin(), Handler: h.Grant.Reasons},
		{Method: post, Path: "/settings/grant-reasons", Need: web.Admin(), Handler: h.Grant.AddReason, Keeps: true},
		{Method: post, Path: "/settings/grant-reasons/:reason/archive", Need: web.Admin(), Handler: h.Grant.TurnReason(true)},
		{Method: post, Path: "/settings/grant-reasons/:reason/restore", Need: web.Admin(), Handler: h.Grant.TurnReason(false)},

		// The audit log.
		{Method: get, Path: "/audit", Need: web.SignedIn(), Handler: h.Audit.List},
		{Method: post, Path: "/audit/find", Need: web.Permission(access.AuditView), Handler: h.Audit.Seek, Limit: limit.Search, MaxBody: 4 << 10},
		{Method: get, Path: "/audit/export.csv", Need: web.SignedIn().Fresh(), Handler: h.Audit.Export, Limit: limit.Export, Timeout: 5 * time.Minute},
		{Method: get, Path: "/audit/:seq", Need: web.SignedIn(), Handler: h.Audit.Show},
		{Method: get, Path: "/participants/:participant/access-log", Need: web.Permission(access.AuditView), Handler: h.Watch.Log},
		{Method: get, Path: "/settings/watch", Need: web.SignedIn(), Handler: h.Watch.List},
		{Method: get, Path: "/settings/watch/:finding", Need: web.SignedIn(), Handler: h.Watch.Show},
		{Method: post, Path: "/settings/watch/:finding", Need: web.SignedIn(), Handler: h.Watch.Mark, Keeps: true},
	}...)
}

// identityRoutes are the demo's own identity provider.
func identityRoutes(h *identity.Handlers) []web.Route {
	if h == nil {
		return nil
	}
	return []web.Route{
		{Method: get, Path: "/demo/id/.well-known/openid-configuration", Need: web.Public(), Handler: h.Configuration, Quiet: true},
		{Method: get, Path: "/demo/id/keys", Need: web.Public(), Handler: h.Keys, Quiet: true},
		{Method: get, Path: "/demo/id/authorize", Need: web.Public(), Handler: h.Choose},
		{Method: post, Path: "/demo/id/authorize", Need: web.Public(), Handler: h.Enter},
		{Method: post, Path: "/demo/id/token", Need: web.Public(), Handler: h.Token, Foreign: true, Quiet: true},
	}
}

// demoRoutes are there in a demo alone.
func demoRoutes(box *mailbox.Handlers) []web.Route {
	if box == nil {
		return nil
	}
	return []web.Route{
		{Method: get, Path: "/demo/mail", Need: web.SignedIn(), Handler: box.List},
		{Method: get, Path: "/demo/mail/:message", Need: web.SignedIn(), Handler: box.Show},
	}
}
