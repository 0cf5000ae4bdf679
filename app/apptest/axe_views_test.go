package apptest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// view is a page as somebody sees it; what is done there first, before looking.
type view struct {
	who  *Staff // without a login: nobody is signed in
	path string
	do   string // script that is run first
	then string // and what is true when it is done
}

const send, problems = `document.querySelector("main form[method=post]").requestSubmit()`, `document.getElementById("page-errors")`

// views are all pages of the product (wantAllSeen holds them against the route table), each
// with a role that sees the most of it, the pages of errors, and forms that came back with problems.
func views(p *Platform, made furniture) []view {
	planned := each(p.Cedar.Worker, "/notes/"+made.planned.String()+"/follow-up", made.mail)
	return slices.Concat(signInViews(p, made), homeViews(p.Cedar), participantViews(p.Cedar), planned, planViews(p.Cedar), programViews(p.Cedar), adminViews(p))
}

// each are pages that are looked at as they come.
func each(who *Staff, paths ...string) []view {
	var found []view
	for _, path := range paths {
		found = append(found, view{who: who, path: path})
	}
	return found
}

func at(path string) string {
	return fmt.Sprintf("location.pathname === %q && document.readyState === 'complete'", path)
}

func signInViews(p *Platform, made furniture) []view {
	nobody, elsewhere, second := &Staff{Agency: p.Cedar}, &Staff{Agency: p.Birch}, p.Birch.Advocate
	return append(each(second, "/sign-in/second"), []view{
		{who: second, path: "/sign-in/second", do: send, then: problems},
		{who: second, path: "/sign-in/second", do: `document.getElementById("code").value = "CODE"; ` + send, then: at("/")},
		{who: second, path: "/account/confirm"},
		{who: second, path: "/account/security"},
		{who: second, path: "/account/security", do: `document.querySelector("main a[href^='/account/security/remove']").click()`, then: at("/account/security/remove")},
		{who: second, path: "/account/security", do: `document.querySelector("form[action='/account/security/app']").requestSubmit()`, then: at("/account/security/app")},
		{who: elsewhere, path: "/sign-in"},
		{who: elsewhere, path: "/sign-in/sso"},
		{who: nobody, path: "/sign-in"},
		{who: nobody, path: "/sign-in?done=1"},
		{who: nobody, path: "/sign-in", do: send, then: problems},
		{who: nobody, path: "/forgot"},
		{who: nobody, path: "/forgot", do: send, then: problems},
		{who: nobody, path: "/reset"}, // 410
		{who: nobody, path: made.reset},
		{who: nobody, path: made.invitation},
		{who: elsewhere, path: made.connect},
		{who: nobody, path: made.stop},
	}...)
}

func homeViews(a *Agency) []view {
	worker, twin := a.Worker, "/participants/"+a.Twin.ID.String()
	return slices.Concat([]view{
		{who: worker, path: "/"},
		{who: worker, path: "/", do: `document.querySelector(".bar-person").open = true`, then: "true"},
		{who: worker, path: "/", do: `document.querySelector(".bar-new").open = true`, then: "true"},
		{who: worker, path: "/", do: `document.querySelector(".drawer").open = true`, then: "true"},
		{who: worker, path: "/find"},
		{who: worker, path: "/find", do: ask(a.Own.RecordID), then: `document.querySelector("main a.row")`},
		{who: worker, path: "/find", do: ask("nobodyatall"), then: `document.querySelector("main .empty-title") && document.readyState === "complete"`},
		{who: worker, path: "/account/password", do: send, then: problems},
		{who: worker, path: "/account/calendar", do: `document.querySelector("main form[action='/account/calendar']").requestSubmit()`, then: `document.querySelector("main .prose")`},
	}, each(worker, "/account", "/account/password", "/account/details", "/account/confirm", "/account/security", "/account/security/passkey",
		"/account/access", "/account/calendar", "/alerts", "/messages", "/meetings?week="+time.Now().AddDate(0, 0, 10).Format(time.DateOnly), "/caseload", "/caseload/changes/"+a.Change.String(), "/demo/mail", "/nothing/here"),
		each(a.FrontDesk, "/", "/participants/"+a.Own.ID.String(), "/participants/"+a.Own.ID.String()+"/edit", "/participants/"+a.Own.ID.String()+"/notes/new"), // the last one 403
		each(a.Executive, "/"), each(a.Both, twin), each(a.Nobody, "/"), each(a.Manager, "/", "/team", "/team?days=30&person="+a.Worker.ID.String()), each(a.Admin, "/"))
}

func participantViews(a *Agency) []view {
	worker, manager, own, place := a.Worker, a.Manager, "/participants/"+a.Own.ID.String(), a.Own.Enrolments[0]
	enrolment, alert, event, meeting := own+"/enrolments/"+place.ID.String(), "/alerts/"+place.Alert.String(), "/events/"+place.Event.String(), "/meetings/"+place.Meeting.String()
	return slices.Concat([]view{
		{who: worker, path: "/participants/new", do: send, then: problems},
		{who: worker, path: own + "/edit", do: `document.getElementById("address").value += "x"; document.getElementById("address").dispatchEvent(new Event("input", { bubbles: true }))`,
			then: `document.querySelector("[data-draft]").dataset.draftState === "saved"`},
		{who: worker, path: own + "/edit", do: `document.querySelector(".draft-discard").open = true`, then: "true"}, // with what was begun
		{who: worker, path: "/", do: `document.querySelector(".draft-discard").open = true`, then: "true"},
		{who: worker, path: enrolment, do: send, then: problems},
		{who: worker, path: own + "/notes/new", do: `document.querySelector("input[name=interaction][value=phone]").click(); ` + send, then: problems},
		{who: worker, path: own + "/assessments/new?metric=" + a.Metrics[uuid.Nil].String(), do: send, then: problems},
		{who: worker, path: own + "/notes/new", do: `for (const part of document.querySelectorAll(".note-form details:not(.menu)")) part.open = true`, then: "true"},
		{who: worker, path: own + "/notes/new", do: `document.querySelector("[data-goal] input").click()`, then: `document.querySelector("[data-goal] details").open`},
		{who: worker, path: own + "/notes/search", do: fmt.Sprintf(`document.getElementById("words").value = %q; `, place.Text) + send, then: `document.querySelector("#found mark")`},
		{who: worker, path: "/programs/" + a.Housing.String() + "/notes/search", do: fmt.Sprintf(`document.getElementById("words").value = %q; `, place.Text) + send, then: `document.querySelector("#found")`},
	}, each(worker, "/participants", "/participants?status=discharged", "/participants/new", own, own+"/about", own+"/timeline", own+"/history", own+"/edit", enrolment,
		own+"/notes/new", own+"/assessments/new", own+"/assessments/new?metric="+a.Metrics[uuid.Nil].String(), own+"/notes/search", own+"/words", "/programs/"+a.Housing.String()+"/notes/search", "/notes/"+place.Note.String(),
		own+"/consent", own+"/consent/service", own+"/consent/service/withdraw", own+"/directives", own+"/directives/new", own+"/directives/"+a.Own.Directive.String()+"/lift",
		alert, alert+"/recommend", own+"/alerts/new", own+"/events", own+"/events/new", event, event+"/edit", own+"/meetings/new", meeting, meeting+"/edit",
		own+"/contacts", own+"/contacts/new", own+"/messages/new"),
		each(manager, own+"/enrolments", event+"/in-error", meeting+"/in-error", "/notes/"+place.Note.String()+"/in-error", "/contacts/"+place.Contact.String()+"/in-error", alert+"/end", "/alerts/"+a.Twin.In(a.Housing).Alert.String()+"/review",
			own+"/access-log", "/serious-events"))
}

func planViews(a *Agency) []view {
	place := a.Own.Enrolments[0]
	plan, target := "/participants/"+a.Own.ID.String()+"/plan", "/targets/"+place.Target.String()
	return slices.Concat(each(a.Worker, plan, plan+"/progress", plan+"/print", plan+"/templates", plan+"/templates/"+a.PlanTemplate.String(), "/participants/"+a.Own.ID.String()+"/goals/new",
		target, target+"/history", target+"/edit", target+"/status", target+"/judgement", "/plan-sections/"+place.Section.String()),
		each(a.Admin, "/plan-templates", "/plan-templates/new", "/plan-templates/"+a.PlanTemplate.String(), "/metrics", "/metrics/new", "/metrics/"+a.Metrics[uuid.Nil].String(), "/metrics/"+a.Metrics[uuid.Nil].String()+"/edit", "/metrics/import"),
		[]view{{who: a.Admin, path: "/metrics/import", do: send, then: problems}, sheetView(a, "name_en,name_fr\nHope,Espoir", "true"), sheetView(a, "name_en\nHope", problems)})
}

// sheetView brings a table of metrics.
func sheetView(a *Agency, table, then string) view {
	return view{who: a.Admin, path: "/metrics/import", do: fmt.Sprintf(`{ const carried = new DataTransfer(); carried.items.add(new File([%q], "metrics.csv")); document.getElementById("file").files = carried.files; } `, table) + send,
		then: `document.getElementById("row-2") && ` + then}
}

// programViews are of programs and of what their people do together.
func programViews(a *Agency) []view {
	manager, admin, housing, g, c := a.Manager, a.Admin, "/programs/"+a.Housing.String(), a.Groups[a.Housing], a.Circles[a.Housing]
	group, circle := "/groups/"+g.ID.String(), "/circles/"+c.ID.String()
	return slices.Concat(each(a.Worker, "/programs", housing, "/groups", "/groups/new", group, group+"/members/new", group+"/members/"+g.Member.String(), group+"/sessions/new",
		group+"/sessions/"+g.Session.String(), "/sessions/"+g.Session.String()+"/edit", group+"/check-in", group+"/attendance", group+"/steps/new", "/steps/"+g.Step.String()+"/edit",
		"/circles", "/circles/new", circle, circle+"/edit", circle+"/members/new", circle+"/members/"+c.Member.String()),
		each(manager, group+"/edit", housing+"/edit", "/note-templates", "/note-templates/new", "/note-templates/"+a.HousingNotes.String()),
		each(a.Advocate, "/programs/"+a.Shelter.String()),
		each(admin, "/programs/new", housing, housing+"/edit", housing+"/team"),
		[]view{{who: admin, path: "/programs/new", do: send, then: problems}, {who: admin, path: "/note-templates/new", do: send, then: problems}})
}

// adminViews are of staff and settings, and at the other agency those of closed records.
func adminViews(p *Platform) []view {
	a, b := p.Cedar, p.Birch
	admin, person, closed := a.Admin, "/staff/"+a.Worker.ID.String(), "/participants/"+b.Own.ID.String()
	return slices.Concat(each(admin, "/staff", "/staff/invitations", "/staff/invitations/new", "/staff/invitations/"+a.AdminInvitation.String()+"/again", person, person+"/edit", person+"/roles",
		person+"/administrator", person+"/deactivate", person+"/reset", person+"/second-factor/reset", "/serious-events/flags", "/serious-events/flags/"+a.Own.Enrolments[0].Event.String(),
		"/event-types", "/event-types/new", "/event-types/"+a.EventType.String()+"/edit", "/settings", "/settings/access", "/settings/consent-texts", "/settings/consent-texts/service",
		"/settings/front-desk", "/settings/sign-in", "/settings/grants?show=all", "/settings/grants/"+a.Grant.String(), "/settings/grant-reasons",
		"/settings/watch", "/settings/watch/"+a.Finding.String(), "/audit", "/audit/1"),
		each(b.Admin, "/settings/sso", "/account/connected", "/staff/"+b.Nobody.ID.String()+"/reactivate"),
		each(b.Worker, closed+"/guard"), each(b.Manager, closed, closed+"/access", closed+"/emergency"))
}

// ask sends the search page's own form.
func ask(q string) string {
	return fmt.Sprintf(`document.getElementById("q").value = %q; document.getElementById("q").form.requestSubmit()`, q)
}
