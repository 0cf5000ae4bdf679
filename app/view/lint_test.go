package view

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ/parser/v2"
	"github.com/a-h/templ/parser/v2/visitor"
)

// templ escapes text and checks the addresses of links and forms. What it does not
// check is forbidden here, in every template of the product.
func TestNoTemplateOpensADoorForScripts(t *testing.T) {
	t.Parallel()
	count := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case entry.IsDir():
		case strings.HasSuffix(path, ".templ"):
			count++
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, complaint := range lintTemplate(t, string(source)) {
				t.Errorf("%s: %s", path, complaint)
			}
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go") && !strings.HasSuffix(path, "_test.go"):
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if rawMarkup.Match(source) && filepath.Base(path) != "url.go" {
				t.Errorf("%s: templ.Raw, SafeURL and the like belong to view/url.go alone", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 5 {
		t.Errorf("found %d templates, want all of the product", count)
	}
}

var (
	rawMarkup = regexp.MustCompile(`templ\.(Raw|SafeURL|SafeCSS|SafeCSSProperty|SafeScript|SafeScriptInline|JSUnsafeFuncCall|JSFuncCall|URL|FromGoHTML|ToGoHTML|SanitizeCSS)\b`)
	// loads are attributes that make a browser load or run what they name.
	loads = regexp.MustCompile(`^(src|srcset|srcdoc|formaction|xlink:href|style|content|action|data|poster|ping|background|http-equiv|hx-on.*|on.*|hx-(get|post|put|patch|delete|vals|vars|headers|ext|trigger|target|swap|include|select|push-url|replace-url))$`)
	// A bundled asset may be loaded; an address that is a view.URL may be sent to.
	asset = regexp.MustCompile(`^f\.asset\([a-zA-Z]+\)$`)
	safe  = regexp.MustCompile(`\.Safe\(\)$`)
)

// lintTemplate lists what is wrong with a template.
func lintTemplate(t *testing.T, source string) []string {
	t.Helper()
	file, err := parser.ParseString(source)
	if err != nil {
		t.Fatal(err)
	}
	var complaints []string
	complain := func(text string) { complaints = append(complaints, text) }
	if found := rawMarkup.FindString(source); found != "" {
		complain(found)
	}
	attribute := func(name, expression string) {
		switch {
		case (name == "action" || name == "formaction" || name == "hx-get") && safe.MatchString(expression), name == "src" && asset.MatchString(expression):
		case loads.MatchString(name):
			complain("expression in " + name + ": " + expression)
		case name == "href" && !safe.MatchString(expression) && !asset.MatchString(expression) && !strings.HasPrefix(expression, "fragment("):
			complain("href is not a view.URL: " + expression)
		}
	}
	v := visitor.New()
	v.Element = func(e *parser.Element) error {
		switch e.Name {
		case "style", "iframe", "object", "embed", "base", "applet", "template":
			complain("element " + e.Name)
		}
		for _, a := range e.Attributes {
			lintAttribute(a, attribute, complain)
		}
		for _, child := range e.Children {
			if err := child.Visit(v); err != nil {
				return err
			}
		}
		return nil
	}
	v.ScriptElement = func(e *parser.ScriptElement) error {
		if len(e.Contents) > 0 {
			complain("script with contents")
		}
		for _, a := range e.Attributes {
			lintAttribute(a, attribute, complain)
		}
		return nil
	}
	v.RawElement = func(e *parser.RawElement) error { complain("element " + e.Name); return nil }
	v.CSSTemplate = func(*parser.CSSTemplate) error { complain("css template"); return nil }
	v.ScriptTemplate = func(*parser.ScriptTemplate) error { complain("script template"); return nil }
	if err := file.Visit(v); err != nil {
		t.Fatal(err)
	}
	return complaints
}

func lintAttribute(a parser.Attribute, expression func(name, value string), complain func(string)) {
	constant := func(name string) {
		if name = strings.ToLower(name); name == "style" || strings.HasPrefix(name, "on") || strings.HasPrefix(name, "hx-on") || name == "srcdoc" {
			complain("attribute " + name)
		}
	}
	switch a := a.(type) {
	case *parser.ConstantAttribute:
		constant(a.Key.String())
		if value := strings.ToLower(strings.TrimSpace(a.Value)); strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") {
			complain("attribute " + a.Key.String() + "=" + a.Value)
		}
	case *parser.BoolConstantAttribute:
		constant(a.Key.String())
	case *parser.BoolExpressionAttribute:
		constant(a.Key.String())
	case *parser.ExpressionAttribute:
		if _, fixed := a.Key.(parser.ConstantAttributeKey); !fixed {
			complain("attribute whose name is an expression: " + a.Key.String())
		}
		constant(a.Key.String())
		expression(strings.ToLower(a.Key.String()), strings.TrimSpace(a.Expression.Value))
	case *parser.ConditionalAttribute:
		for _, inner := range append(a.Then, a.Else...) {
			lintAttribute(inner, expression, complain)
		}
	case *parser.SpreadAttributes:
		if !spreads.MatchString(a.Expression.Value) {
			complain("attributes from an expression: " + a.Expression.Value)
		}
	}
}

// spreads are the functions of this package that make attributes; their names are
// fixed, and hostile_test.go tries their values.
var spreads = regexp.MustCompile(`^(current|chosen|language|identity)\(|^field\.(attributes|stateAttributes|groupAttributes)\(\)$`)

func TestTheLintSeesEachForbiddenThing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`<img src={ x }/>`, `<button formaction={ x }>a</button>`, `<img srcset={ x }/>`, `<a hx-on:click={ x }>a</a>`, `<a hx-on--after-request={ x }>a</a>`,
		`<p style={ x }>a</p>`, `<p style="color:red">a</p>`, `<meta content={ x }/>`, `<p onclick="x()">a</p>`, `<svg><use xlink:href={ x }></use></svg>`,
		`<script>alert(1)</script>`, `<script src={ x }></script>`, `<style>p{}</style>`, `<iframe srcdoc={ x }></iframe>`, `@templ.Raw(x)`,
		`<a href={ templ.SafeURL(x) }>a</a>`, `<a href={ x }>a</a>`, `<a href="javascript:x()">a</a>`, `<form action={ x }></form>`, `<a { x... }>a</a>`,
		`<a hx-get={ x }>a</a>`, `<a hx-vals={ x }>a</a>`, "if y {\n<img src={ x }/>\n}", "for range y {\n<img src={ x }/>\n}", "@c() {\n<img src={ x }/>\n}",
	} {
		if len(lintTemplate(t, "package p\n\ntempl c(x string) {\n"+body+"\n}\n")) == 0 {
			t.Errorf("%s passes", body)
		}
	}
	for _, body := range []string{`<a href={ url.Safe() }>a</a>`, `<form action={ view.To("x").Safe() }></form>`, `<p class={ x }>{ x }</p>`, `<input value={ x }/>`} {
		if complaints := lintTemplate(t, "package p\n\ntempl c(x string) {\n"+body+"\n}\n"); len(complaints) > 0 {
			t.Errorf("%s: %v", body, complaints)
		}
	}
}

// exportedComponents are the components of this package, by name.
func exportedComponents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`(?m)^templ ([A-Z]\w*)\(`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, match[1])
		}
	}
	return names
}
