package apptest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// casework is one month of a worker with somebody, as she sees it: in one language, at one
// width, with or without scripts.
type casework struct {
	*testing.T
	*Tab
	french  bool
	scripts bool
	name    string // hers
	person  string // the address of her record
	actions int    // clicks so far; words are not counted
	number  int    // of this month among those that run at once: a group meets once a day
}

func TestAMonthOfCasework(t *testing.T) {
	t.Parallel()
	p := New(t)
	for number, test := range []struct {
		name, language, theme string
		width                 int64
		scripts               bool
	}{
		{"English on a desk", "en", "light", 1280, true},
		{"French on a telephone", "fr", "dark", 360, true},
		{"French without scripts", "fr", "light", 360, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &casework{T: t, Tab: tab(t, p.Address(p.Cedar)), french: test.language == "fr", scripts: test.scripts, number: number}
			c.WithoutScripts(!test.scripts)
			c.Size(test.width, test.theme)
			c.Tab.Open("/sign-in?lang=" + test.language)
			c.SignIn(p.Cedar.Worker.Login, Password)

			c.meet()
			c.plan()
			c.firstNote()
			c.worse()
			c.better()
			c.danger(p)
			c.group(p)
			c.look()
			if test.scripts {
				c.Tab.Want(`window.wrongs.join("; ")`, "")
			}
		})
	}
	t.Cleanup(func() {
		if wrong := p.Log.Errors(); len(wrong) > 0 {
			t.Errorf("the log has errors: %q", wrong)
		}
	})
}

// click counts.
func (c *casework) click(selector string) {
	c.T.Helper()
	c.Tab.Click(selector)
	c.actions++
}

// field is the selector of the field that a label with these words belongs to.
func (c *casework) field(words string) string {
	c.T.Helper()
	return "#" + c.Get(fmt.Sprintf(`[...document.querySelectorAll("main label")].find(l => l.textContent.includes(%q))?.htmlFor`, words))
}

func (c *casework) set(selector, value string) {
	c.T.Helper()
	c.Until(fmt.Sprintf("document.querySelector(%q)", selector))
	c.Tab.Run(fmt.Sprintf(`{ const field = document.querySelector(%q); field.value = %q; field.dispatchEvent(new Event("change", {bubbles: true})); }`, selector, value))
}

// reveal opens what a click on its summary opens, unless it is open.
func (c *casework) reveal(selector string) {
	c.T.Helper()
	if c.Get(fmt.Sprintf("document.querySelector(%q).open", selector)) == "false" {
		c.click(selector + " > summary")
	}
}

// save sends the form, and what was said comes back on the next page.
func (c *casework) save() {
	c.T.Helper()
	c.Until(`document.querySelector("main form[data-form]")`)
	c.click(save)
	c.Until(saved)
	if c.Overflow() != "0" {
		c.T.Errorf("%s is %s pixels too wide", c.Shown(), c.Overflow())
	}
}

func (c *casework) says(words ...string) {
	c.T.Helper()
	for _, w := range words {
		c.Tab.Want(fmt.Sprintf(`document.querySelector("main").textContent.includes(%q)`, w), "true")
	}
}

// day is some days ago, as a date field has it.
func (c *casework) day(ago int) string { return time.Now().AddDate(0, 0, -ago).Format(time.DateOnly) }

// or is one of two texts, by the language.
func (c *casework) or(english, french string) string {
	if c.french {
		return french
	}
	return english
}

func (c *casework) meet() {
	c.Tab.Open("/participants/new")
	c.name = "Month" + newWords().plain()
	c.Type("#first_name", "Rosalie")
	c.Type("#last_name", c.name)
	c.save()
	c.person = c.Get("location.pathname")
}

// aim is one goal: in her words, in a section of its own, with one measure.
func (c *casework) aim(words, name, section, metric, want string) {
	c.T.Helper()
	c.Tab.Open(c.person + "/plan")
	c.click("main a[href='" + c.person + "/goals/new']")
	c.Until("location.pathname === '" + c.person + "/goals/new' && document.readyState === 'complete'")
	c.Type("#words", words)
	c.Type("#name", name)
	c.set("#set_by", "joint")
	c.Type("#new_section", section)
	box := c.field(metric)
	if c.Get("document.querySelector('"+box+"').closest('details.plan-more') !== null") == "true" {
		c.reveal("details.plan-more")
	}
	c.click("label[for='" + box[1:] + "']")
	c.Type("#goal-"+strings.TrimPrefix(box, "#metric-"), want)
	c.save()
}

func (c *casework) plan() {
	progress := c.or("Goal progress", "Progrès vers l’objectif")
	c.aim("Dormir sans peur.", "Sleep well", "Health", progress, "5")
	c.aim("Voir du monde.", "Meet people", "Neighbours", progress, "5")
	c.Tab.Open(c.person + "/plan")
	c.says("Dormir sans peur.", "Voir du monde.", "Health", "Neighbours")
}

// at is a selector within the nth goal of a note's form, from 1.
func (c *casework) at(n int, inside string) string {
	c.T.Helper()
	how := c.Get(fmt.Sprintf(`document.querySelectorAll("[data-goal]")[%d].querySelector("input").name`, n-1))
	return fmt.Sprintf("[data-goal]:has(input[name='%s']) %s", how, inside)
}

// measure is the selector of the nth goal's field for a measure.
func (c *casework) measure(n int, metric string) string {
	c.T.Helper()
	return "#" + c.Get(fmt.Sprintf(`[...document.querySelectorAll(%q)].find(l => l.textContent.includes(%q))?.htmlFor`, c.at(n, "label"), metric))
}

// The note of an ordinary day, from home: two goals with how they go and a rating. It
// counts what she does besides writing, and the length of the form.
func (c *casework) firstNote() {
	c.Tab.Open("/")
	before := c.actions
	c.begin()
	c.Type("#text", "She slept four nights in a row.")
	for n := 1; n <= 2; n++ {
		c.click(c.at(n, "input[value=shifting] + label"))
		if !c.scripts {
			c.reveal(c.at(n, "details.goal-more"))
		}
		c.click(c.at(n, ".scale input[value='4']"))
	}
	if height := c.Get("document.documentElement.scrollHeight - document.querySelector('.demo').offsetHeight"); c.width == 360 && c.scripts {
		if pixels, err := strconv.Atoi(height); err != nil || pixels > 2200 {
			c.T.Errorf("the form with two goals open is %s pixels high at 360 px, of at most 2,200", height)
		}
	}
	c.save()
	if did := c.actions - before; c.scripts && did > 8 {
		c.T.Errorf("a note on two goals took %d clicks besides the words, of at most 8", did)
	}
	c.says("She slept four nights in a row.")
}

// begin opens the form of a note from home, as one does every day.
func (c *casework) begin() {
	c.click("main a[href='" + c.person + "/notes/new']")
	c.Until("location.pathname === '" + c.person + "/notes/new' && document.readyState === 'complete'")
}

// score writes a note of some days ago with a value of PHQ-9.
func (c *casework) score(days int, value, text string) {
	c.Tab.Open(c.person + "/notes/new")
	c.set("#happened_on", c.day(days))
	c.Type("#text", text)
	c.click(c.at(3, "input[value=harder] + label"))
	if !c.scripts {
		c.reveal(c.at(3, "details.goal-more"))
	}
	field := c.measure(3, "PHQ-9")
	if c.Get("document.querySelector('"+field+"').checkVisibility()") == "false" {
		c.reveal(c.at(3, "details.goal-more details.goal-more"))
	}
	c.Type(field, value)
	c.save()
}

// worse is the first score, at the far end of the scale: known, and nothing to be proud of.
func (c *casework) worse() {
	c.aim("Retrouver le goût des choses.", "Feel better", "Mood", "PHQ-9", "4")
	c.score(28, "27", "The first sitting with the nine questions.")
	c.Tab.Open(c.person + "/plan/progress")
	c.says("27")
	c.reached("false")
}

// better is the next score, and a number so high that the form asks whether it is meant.
func (c *casework) better() {
	c.score(2, "4", "The nine questions again.")
	c.Tab.Open(c.person + "/plan/progress")
	c.says(c.or("from 27 to 4", "de 27 à 4"))
	c.Tab.Want(`document.querySelector("main svg[role=img], main svg[aria-labelledby], main svg[aria-label]") !== null`, "true")
	c.Tab.Want(`document.querySelector("main table") !== null`, "true")
	c.reached("true")

	c.aim("Ne plus être seule.", "Neighbours", "Street", c.or("Community connections", "Liens dans la communauté"), "3")
	c.Tab.Open(c.person + "/notes/new")
	c.Type("#text", "A feast of the whole street.")
	c.click(c.at(4, "input[value=good_place] + label"))
	if !c.scripts {
		c.reveal(c.at(4, "details.goal-more"))
	}
	field := c.measure(4, c.or("Community connections", "Liens dans la communauté"))
	c.Type(field, "18")
	c.click(save)
	c.Until("document.querySelector('" + field + "-sure') && document.readyState === 'complete'")
	c.click("label[for='" + field[1:] + "-sure']")
	c.save()
	c.says("A feast of the whole street.")
}

// reached says whether the card of what PHQ-9 decides about says so.
func (c *casework) reached(want string) {
	c.T.Helper()
	c.Tab.Open(c.person + "/plan")
	c.Tab.Want(fmt.Sprintf(`[...document.querySelectorAll("article.goal")].find(a => a.textContent.includes("Feel better")).textContent.includes(%q)`, c.or("Reached", "Atteint")), want)
}

// danger is a safety alert that takes two people to end.
func (c *casework) danger(p *Platform) {
	c.Tab.Open(c.person + "/alerts/new")
	c.Type("#text", "Never leave a message at home.")
	c.save()
	c.Tab.Open(c.person)
	c.says("Never leave a message at home.")
	c.click(".alerts a[href^='/alerts/']")
	c.Until("location.pathname.startsWith('/alerts/') && document.readyState === 'complete'")
	alert := c.Get("location.pathname")
	c.Tab.Open(alert + "/recommend")
	c.Type("#text", "She lives alone now.")
	c.save()
	c.Tab.Open(alert + "/review") // not hers to decide
	c.Tab.Want("document.querySelector('main form[data-form]') === null", "true")

	m := &casework{T: c.T, Tab: tab(c.T, p.Address(p.Cedar)), french: c.french, scripts: c.scripts}
	m.Size(c.width, "light")
	m.SignIn(p.Cedar.Manager.Login, Password)
	m.Tab.Open(alert + "/review")
	m.says("She lives alone now.")
	m.click("input[name=decision][value=approved] + label")
	m.Type("#review", "I have spoken with her.")
	m.save()
	c.Tab.Open(c.person)
	c.Tab.Want("document.querySelector('.alerts') === null", "true")
}

// group takes her into the program's group, and records that she came and what stood out.
func (c *casework) group(p *Platform) {
	group := "/groups/" + p.Cedar.Groups[p.Cedar.Housing].ID.String()
	c.Tab.Open(group + "/members/new")
	if c.Get("document.querySelector('#look') !== null") == "true" {
		c.Type("#look", c.name)
		c.click("main button[value=look]")
		c.Until("document.querySelector('input[name=person]') && document.readyState === 'complete'")
	}
	c.click("label[for='" + c.field(c.name)[1:] + "']")
	c.set("#joined_on", c.day(20))
	c.save()
	c.Tab.Open(group + "/sessions/new")
	c.set("#held_on", c.day(10+c.number))
	line := strings.TrimPrefix(c.field(c.name), "#present-")
	c.click("label[for='present-" + line + "']")
	c.Type("[name='highlight-"+line+"']", "She laughed for the first time.")
	c.Type("#text", "Soup and bread.")
	c.save()
	c.says("She laughed for the first time.")
}

// look is the end of the month: everything can be found again where she looks for it.
func (c *casework) look() {
	c.Tab.Open(c.person + "/timeline")
	c.says("She slept four nights in a row.", "The nine questions again.", "A feast of the whole street.")
	c.Tab.Open(c.person)
	c.says("Sleep well", "Meet people")
	c.Tab.Open(c.person + "/plan/print")
	c.says("Dormir sans peur.", "Voir du monde.")
}
