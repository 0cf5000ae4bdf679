package config

import (
	"fmt"
	"strings"
)

// Table is all settings as a table in Markdown, for the README.
func Table() string {
	var b strings.Builder
	b.WriteString("| setting | default | what it is |\n|---|---|---|\n")
	for _, s := range Settings {
		value, doc := "", s.Doc
		if s.Default != "" {
			value = "`" + s.Default + "`"
		}
		if s.Needed {
			doc += "; production needs it"
		}
		if s.Secret {
			doc += " 🔒"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, value, doc)
	}
	b.WriteString("\n🔒 is a secret: give it as a file too, named by the setting with `_FILE` at its end.\n")
	return b.String()
}
