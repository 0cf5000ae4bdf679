// Package view holds what every page is made of: the frame, components, design
// tokens, and the bundled assets. It reads nothing and decides nothing.
//
// A component takes the [Frame] first, then typed arguments. Words that belong to the
// interface are i18n.Message; text that comes from records is string and is escaped
// where it stands. Addresses are [URL] values, so no record can bring a link of its
// own. There is no inline script, style or handler anywhere (the Content-Security-
// Policy forbids them, and a test reads every .templ file of the product for them).
// Every page works without JavaScript; assets/app.js makes it quicker and kinder.
//
// A page in a feature:
//
//	templ programForm(f *view.Frame, p Program, problems view.Problems) {
//		@view.Crumb(f, f.T(i18n.ProgramListTitle), view.To("programs"))
//		@view.Heading(f, f.T(i18n.ProgramNewTitle), "")
//		@view.ErrorSummary(f, problems)
//		@view.Form(f, view.To("programs")) {
//			@view.TextField(f, view.Field{Name: "name_en", Label: i18n.ProgramNameEn, Value: p.NameEN,
//				Required: true, Problem: problems.Of("name_en")})
//			@view.Buttons(f) {
//				@view.Primary(f, i18n.ProgramSave)
//				@view.Secondary(f, i18n.ProgramCancel, view.To("programs"))
//			}
//		}
//	}
//
// # Frame
//
//	@view.Page(f, i18n.HomeTitle, false, body)        // package web does this
//	@view.ErrorPage(f, title, text, reference, view.Action{Label: i18n.HomeTitle, Href: view.To()})
//
//	@view.OfflinePage(f)                              // /offline; made with the assets
//	@view.LanguageSwitch(f)                           // Page has it already
//
// # Headings and parts
//
//	@view.Crumb(f, f.T(i18n.ParticipantListTitle), view.To("participants"))
//	@view.Heading(f, f.T(i18n.HomeTitle), "") { @view.PrimaryLink(f, i18n.NoteNew, href) }
//
//	@view.Section(f, f.T(i18n.HomeToday)) { … }
//	@view.SectionWith(f, title, view.Link(f, label, href)) { … }
//
//	@view.Card(f) { … }
//	@view.Columns(f) { … two or three children, side by side where there is room … }
//
//	@view.Tabs(f, []view.Tab{{Label: f.T(i18n.PlanTitle), Href: href, Current: true}})
//	@view.Menu(f, f.T(i18n.Actions), "dots") { @view.MenuLink(f, label, href, "") }
//
// # Forms
//
//	@view.Form(f, action) { … }                       // POST, CSRF, language button
//	@view.FilterForm(f, action) { … }                 // GET: the values stand in the address
//
//	@view.ButtonForm(f, action, view.Bad, i18n.ProgramArchive) { @view.Hidden(f, "version", v) }
//	@view.Reveal(f, "kind", "phone text") { … }       // while "kind" has one of these values
//	@view.ErrorSummary(f, problems)                   // above the form; takes the focus
//
//	@view.TextField(f, view.Field{Name: "phone", Label: i18n.Phone, Type: "tel", Value: v})
//	@view.TextArea(f, view.Field{Name: "text", Label: i18n.NoteText, Rows: 6, Max: 10000})
//
//	@view.PasswordField(f, view.Field{Name: "password", Autocomplete: "current-password", …})
//	@view.Select(f, view.Field{Name: "status", Options: options, Value: v, …})
//
//	@view.Radios(f, view.Field{Name: "kind", Options: options, Value: v, …})      // pills
//	@view.Checkboxes(f, view.Field{Name: "programs", Options: options, Values: v, …})
//
//	@view.Checkbox(f, view.Field{Name: "together", Label: i18n.NoteTogether, Checked: on})
//	@view.DayField(f, view.Field{Name: "day", Value: "2026-02-10", Limit: today, …})
//
//	@view.FileForm(f, action) { … }                   // of a route with web.Route.File
//	@view.FileField(f, view.Field{Name: "file", Label: …}, ".csv,text/csv")
//
//	@view.DateField(f, view.Field{Name: "born", Label: …}, view.SplitDate(p.Born.String()))
//	date := view.ReadDate(r.Form, "born"); born, err := civil.Parse(date.Text())
//
//	@view.Buttons(f) { @view.Primary(f, i18n.Save) @view.Secondary(f, i18n.Cancel, back) }
//	@view.StickyButtons(f) { … }                      // stay in reach on long forms
//
//	@view.Submit(f, view.Neutral, i18n.SaveAndNew, "then", "new")
//	@view.Danger(f, i18n.Erase)                       // stands apart, says what it does
//
// # Lists
//
//	@view.List(f) { @view.ListRow(f, view.Item{Href: href, Title: name, Sub: s, Initials: true}) }
//	@view.Pager(f, next)                              // zero URL: nothing
//
//	@view.DataTable(f, caption) { <thead>…</thead><tbody>…</tbody> }   // th scope; td.number
//	@view.Empty(f, title, text) { @view.PrimaryLink(f, label, href) }
//
//	@view.DefinitionList(f) { @view.Definition(f, i18n.Phone, f.P.Phone(digits)) }
//	@view.DefinitionOf(f, i18n.Programs) { @view.Badge(f, view.Success, "…") }
//
//	@view.Timeline(f) { @view.Day(f, f.P.Day(t)) { @view.TimelineEntry(f, view.Entry{…}) { … } } }
//	@view.SearchBox(f); @view.Suggestions(f, items)
//
// # Words
//
//	@view.Voice(f, "I want my own place.", "", "Feb. 10, 2026")   // the participant's own words
//	@view.Prose(f, text)                              // text with its line breaks
//
//	@view.Badges(f) { @view.Badge(f, view.Success, "Active") }
//	@view.Quiet(f, f.T(i18n.NoteWritten(moment, author)))
//
//	@view.Notice(f, view.Info, "Title") { <p>…</p> }
//
//	@view.Avatar(f, name)
//	@view.Icon(f, "calendar")
//
//	@view.Figure(f, "42", "People served", "Four more than in the quarter before.")
//	@view.PrintHeader(f, title, now)
//
// Classes for markup of a page's own: quiet (a lesser line), badges (a row of badges),
// plain-list (ul of short lines), list and row-split (li of a row link with a button
// row-act beside it), figures (a grid of Figure), number (a table cell), unseen (for
// readers of the screen only), print-only.
//
// # What the server does for the script
//
// A form sent with [LanguageField] is shown again, unsaved, in that language, with
// Frame.Unsaved. A form that cannot be accepted comes back with 422, Frame.Unsaved and
// Frame.Invalid. Answers carry X-Session-Seconds. POST /session/extend answers 204 and
// lengthens the session; GET /session/state says how long it lives ({"seconds":n}); GET
// /session with the page's token in X-CSRF says whether the same person is there again.
package view
