package find

import (
	"bytes"
	"slices"
	"strings"
)

// families are names that are written in many ways, too far apart for typing errors: one
// Arabic name in the letters of as many languages. Folded.
var families = func() map[string][]string {
	byName := map[string][]string{}
	for _, family := range [][]string{
		strings.Fields("mohamed mohammed mohamad mohammad muhamed muhammed muhamad muhammad"),
		strings.Fields("yusuf yousuf yousef youssef youssouf yussuf"),
		strings.Fields("hussein husain hussain hossein hossain houssein"),
		strings.Fields("ousmane osman othman usman uthman"),
		strings.Fields("abdallah abdullah abdoulaye abdalla abdulla"),
		strings.Fields("ibrahim ibrahima ebrahim brahim"),
		strings.Fields("aisha aicha aissatou ayesha"),
		strings.Fields("khadija khadidja kadidia kadiatou hadja"),
		strings.Fields("suleiman sulaiman souleymane soulaiman solaiman suleyman"),
	} {
		for _, name := range family {
			byName[name] = family
		}
	}
	return byName
}()

// respelled gives other spellings of a folded word that mean the same name: ph for f, f for
// ph, and the ways of its family.
func respelled(word []byte) (others [][]byte) {
	add := func(other []byte) {
		if !bytes.Equal(other, word) {
			others = append(others, other)
		}
	}
	if bytes.Contains(word, []byte("ph")) {
		add(bytes.ReplaceAll(word, []byte("ph"), []byte("f")))
	} else if slices.Contains(word, 'f') {
		add(bytes.ReplaceAll(bytes.ReplaceAll(word, []byte("ff"), []byte("f")), []byte("f"), []byte("ph")))
	}
	for _, name := range families[string(word)] {
		add([]byte(name))
	}
	return others
}

// respellNames marks those whose names hold the term in another spelling: as near as one
// typing error.
func (r *run) respellNames(t *term, to *tally) {
	for _, text := range respelled(t.text) {
		low, high := r.x.beginning(text)
		for token := low; token < high; token++ {
			r.markToken(to, uint32(token), respelledKind(r.x.word(uint32(token)), text))
		}
		for token := r.x.sorted; token < r.x.tokens(); token++ { // the newest
			if k := respelledKind(r.x.word(uint32(token)), text); k != nil {
				r.markToken(to, uint32(token), k)
			}
		}
	}
}
