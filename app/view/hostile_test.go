package view

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"konote/app/i18n"
)

// hostile are texts as an attacker would put them into a name or a note.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`" autofocus onfocus="alert(1)`,
	`" hx-get="/x" hx-trigger="load`,
	`" hx-on:load="alert(1)`,
	`" style="position:fixed`,
	`javascript:alert(1)`,
	"java\tscript:alert(1)",
	`data:text/html,<script>alert(1)</script>`,
	`</textarea><script>alert(1)</script>`,
	`</title></head><script>alert(1)</script>`,
	`--><script>alert(1)</script><!--`,
	"\x00<b>\u2028</b>",
	`//evil.example/x`,
	`{{constructor.constructor('alert(1)')()}}`,
}

// everything renders each component with x wherever it takes text.
func everything(f *Frame, x string) map[string]templ.Component {
	message := i18n.Key(x)
	address := To("participants", x).With(x, x).At(x)
	field := Field{Name: x, LabelText: x, HintText: x, Value: x, Values: []string{x}, Options: []Option{{Value: x, Label: x, Hint: x}, {Value: "b", Label: x}},
		Type: x, Autocomplete: x, InputMode: x, Width: x, Lang: x, Min: x, Limit: x, Max: 9, Problem: message, Check: address, CheckInto: x}
	inner := Prose(f, x)
	with := func(outer templ.Component) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			return outer.Render(templ.WithChildren(ctx, inner), w)
		})
	}
	draft := Draft{Save: address, Keep: address, Discard: address, Page: address, Window: x, Sequence: x, From: x, SavedAt: time.Unix(0, 0),
		Other: &DraftOther{Window: x, Saved: x, Values: url.Values{x: {x}}}}
	action := Action{Label: message, Href: address}
	item := Item{Href: address, Title: x, Sub: x, Aside: x, Initials: true}
	return map[string]templ.Component{
		"Page":             Page(f, message, true, inner),
		"ErrorPage":        ErrorPage(f, x, x, x, action),
		"SessionState":     SessionState(f),
		"OfflinePage":      OfflinePage(f),
		"Icon":             Icon(f, x),
		"Heading":          with(Heading(f, x, x)),
		"Crumb":            Crumb(f, x, address),
		"SettingsCrumb":    SettingsCrumb(f),
		"Section":          with(Section(f, x)),
		"SectionWith":      with(SectionWith(f, x, Link(f, x, address))),
		"EmptySection":     EmptySection(f, x, x, Link(f, x, address)),
		"Card":             with(Card(f)),
		"Columns":          with(Columns(f)),
		"Link":             Link(f, x, address),
		"Voice":            Voice(f, x, x, x),
		"Prose":            Prose(f, x),
		"Quiet":            Quiet(f, x),
		"Badges":           with(Badges(f)),
		"Badge":            Badge(f, Kind(x), x),
		"Notice":           with(Notice(f, Kind(x), x)),
		"Empty":            with(Empty(f, x, x)),
		"Avatar":           Avatar(f, x),
		"Figure":           Figure(f, x, x, x),
		"Menu":             with(Menu(f, x, x)),
		"MenuLink":         MenuLink(f, x, address, x),
		"PrintButton":      PrintButton(f),
		"PrintHeader":      PrintHeader(f, x),
		"Form":             with(Form(f, address)),
		"ButtonForm":       with(ButtonForm(f, address, Kind(x), message)),
		"ButtonForm named": with(ButtonForm(f, address, Kind(x), message, message)),
		"FilterForm":       with(FilterForm(f, address)),
		"AskForm":          with(AskForm(f, address)),
		"DraftForm":        with(DraftForm(f, address, draft)),
		"DraftForm none":   with(DraftForm(f, address, Draft{})),
		"DraftFields":      DraftFields(f, draft),
		"DraftDiscard":     DraftDiscard(f, draft, address),
		"DraftButtons":     with(DraftButtons(f, draft)),
		"Reveal":           with(Reveal(f, x, x)),
		"Hidden":           Hidden(f, x, x),
		"Tokens":           Tokens(f, address),
		"ErrorSummary":     ErrorSummary(f, Problems{{Field: x, Text: message}, {Text: message}}),
		"Buttons":          with(Buttons(f)),
		"StickyButtons":    with(StickyButtons(f)),
		"Primary":          Primary(f, message),
		"PrimaryLink":      PrimaryLink(f, message, address),
		"Secondary":        Secondary(f, message, address),
		"Submit":           Submit(f, Kind(x), message, x, x),
		"Danger":           Danger(f, message),
		"TextField":        TextField(f, field),
		"PasswordField":    PasswordField(f, field),
		"TextArea":         TextArea(f, field),
		"Select":           Select(f, field),
		"DayField":         DayField(f, field),
		"FileForm":         with(FileForm(f, address)),
		"FileField":        FileField(f, field, x),
		"DateField":        DateField(f, field, DateInput{Year: x, Month: x, Day: x}),
		"Radios":           Radios(f, field),
		"Checkboxes":       Checkboxes(f, field),
		"Checkbox":         Checkbox(f, field),
		"Tabs":             Tabs(f, []Tab{{Label: x, Href: address, Current: true}}),
		"Switch":           Switch(f, x, []Tab{{Label: x, Href: address, Current: true}}),
		"List":             with(List(f)),
		"ListRow":          with(ListRow(f, item)),
		"DataTable":        with(DataTable(f, x)),
		"StackedTable":     with(StackedTable(f, x)),
		"Progress":         Progress(f, x, 40, address),
		"Pager":            Pager(f, address),
		"DefinitionList":   with(DefinitionList(f)),
		"Definition":       Definition(f, message, x),
		"DefinitionOf":     with(DefinitionOf(f, message)),
		"Timeline":         with(Timeline(f)),
		"Day":              with(Day(f, x)),
		"TimelineEntry":    with(TimelineEntry(f, Entry{ID: x, Icon: x, Title: x, Meta: x, Href: address})),
		"SearchBox":        SearchBox(f),
		"Suggestions":      Suggestions(f, []Item{item}),
		"Suggestions none": Suggestions(f, nil),
		"LanguageSwitch":   LanguageSwitch(f),
		"LineChart":        LineChart(f, hostileChart(x)),
		"Sparkline":        Sparkline(f, hostileChart(x)),
		"GoalsOverview":    GoalsOverview(f, x, []GoalRow{{Name: x, Href: address, Text: x, Start: 0.2, Latest: 0.6, From: x, To: x, Goal: x}}),
	}
}

func hostileFrame(language, x string) *Frame {
	nav := []NavItem{{Label: x, Href: To(x), Icon: x, Current: true}}
	return &Frame{P: i18n.NewPrinter(language, nil, nil), Agency: x, Demo: true, Path: x, CSRF: x, Stamp: func(URL) string { return x }, SignedIn: true, Person: x, Role: x,
		Nav: nav, New: nav, Menu: nav, Help: x, Flash: x, IdleSeconds: 600, MaySearch: true, Searched: x}
}

// A page made of hostile texts has the same elements and the same attribute names as
// one made of harmless ones, and no address that leads anywhere else.
func TestHostileTextStaysTextInEveryComponent(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "fr"} {
		calm := map[string]string{}
		for name, component := range everything(hostileFrame(language, "x"), "x") {
			calm[name] = skeleton(t, component)
		}
		for _, x := range hostile {
			for name, component := range everything(hostileFrame(language, x), x) {
				if got := skeleton(t, component); got != calm[name] {
					t.Errorf("%s with %q changes the page:\n got %s\nwant %s", name, x, got, calm[name])
				}
			}
		}
	}
}

// skeleton is a component's elements with the names of their attributes. It fails on
// addresses that leave the host and on attributes that only markup from outside has.
func skeleton(t *testing.T, component templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := component.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	document, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.CommentNode {
			out.WriteString("<!---->")
		}
		if n.Type == html.ElementNode {
			out.WriteString("<" + n.Data)
			for _, a := range n.Attr {
				out.WriteString(" " + a.Key)
				checkAttribute(t, n.Data, a)
			}
			out.WriteString(">")
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	walk(document)
	return out.String()
}

func checkAttribute(t *testing.T, element string, a html.Attribute) {
	t.Helper()
	switch key := strings.ToLower(a.Key); {
	case key == "style", strings.HasPrefix(key, "on"), strings.HasPrefix(key, "hx-on"):
		t.Errorf("<%s> has %s", element, key)
	case key == "href", key == "action", key == "src", key == "formaction", key == "hx-get", key == "hx-post":
		local := a.Val == "" || strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//")
		if !local {
			t.Errorf("<%s %s=%q> leaves the host", element, key, a.Val)
		}
	}
}

func TestEveryComponentIsAmongTheAttacked(t *testing.T) {
	t.Parallel()
	attacked := everything(hostileFrame("en", "x"), "x")
	for _, name := range exportedComponents(t) {
		if attacked[name] == nil {
			t.Errorf("%s is missing in everything()", name)
		}
	}
}
