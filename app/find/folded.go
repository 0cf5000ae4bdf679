package find

// Fold appends text to dst as words are compared everywhere in KoNote; see fold.
func Fold(dst []byte, text string) []byte { return fold(dst, text) }
