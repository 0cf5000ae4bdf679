package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"konote/app/view"
)

func TestWhatIsWrittenForSpreadsheetsIsReadAsItWas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"=1": "'=1", "+1a": "'+1a", "-x": "'-x", "@a": "'@a", " =1": "' =1", "＝1": "'＝1", "a=": "a=", "-5": "-5", "-5,25": `"-5,25"`, "-5+2": "'-5+2",
		"'=1": "''=1", "'tis": "'tis", "": "", "a;b,\"c\"": `"a;b,""c"""`, "two\nlines": "\"two\r\nlines\"",
	} {
		var out bytes.Buffer
		sheet, err := NewSheet(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := sheet.Row([]string{"key", text}); err != nil {
			t.Fatal(err)
		}
		if err := sheet.Close(); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != "\ufeffkey,"+want+"\r\n" {
			t.Errorf("%q: written as %q, want %q", text, got, want)
		}
		rows, err := ReadSheet(out.String())
		if err != nil || len(rows) != 1 || rows[0].Cells[1] != strings.TrimSpace(text) {
			t.Errorf("%q: read as %v (%v)", text, rows, err)
		}
	}
}

func TestASheetIsReadWithEverySeparator(t *testing.T) {
	t.Parallel()
	want := []SheetRow{{1, []string{"id", "name"}}, {3, []string{"1", "a, b; c"}}}
	for name, text := range map[string]string{
		"commas":     "id,name\n,\n1,\"a, b; c\"\n",
		"semicolons": "\ufeffid;name\r\n;\r\n1;\"a, b; c\"",
		"tabs":       "id\tname\n\t\n1\ta, b; c\n",
	} {
		rows, err := ReadSheet(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if _, err := ReadSheet("id,name\n\"broken,"); err == nil {
		t.Error("what is no table is read")
	}
}

// upload is what a browser sends of a FileForm.
func (w *browser) upload(path, token string, file []byte) answer {
	w.b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField(view.CSRFField, token)
	_ = form.WriteField("typed", " x ")
	part, err := form.CreateFormFile("list", "list.csv")
	if err != nil {
		w.b.t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = form.Close()
	return w.sendBody("POST", path, form.FormDataContentType(), &body)
}

func TestAFileComesOnlyWhereOneIsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.signedIn(north)
	file := []byte("a;b\r\n\xff")
	want(t, "a file", w.upload("/upload", w.token, file), http.StatusSeeOther)
	if got := b.reached.last; !bytes.Equal(got.File, file) || got.Value("typed") != "x" || got.Form.Has(view.CSRFField) {
		t.Errorf("got %q with %v", got.File, got.Form)
	}
	want(t, "without the page's token", w.upload("/upload", "", file), http.StatusForbidden)
	want(t, "too large", w.upload("/upload", w.token, bytes.Repeat([]byte("x"), 2000)), http.StatusRequestEntityTooLarge)
	want(t, "where none is taken", w.upload("/things", w.token, file), http.StatusUnsupportedMediaType)
	for name, kind := range map[string]string{"no boundary": "multipart/form-data", "a torn body": "multipart/form-data; boundary=x"} {
		want(t, name, w.sendBody("POST", "/upload", kind, strings.NewReader("--x\r\ntorn")), http.StatusBadRequest)
	}
}

func FuzzASheetIsReadAsItWasWritten(f *testing.F) {
	for _, text := range []string{"=1", "'=1", "a;b", "\"", "two\nlines", " = ", "−5", "'"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := ReadSheet(text); err != nil && !strings.HasPrefix(err.Error(), "read the table: ") {
			t.Error(err)
		}
		if text = tidy(text); text == "" || !utf8.ValidString(text) {
			return
		}
		var out bytes.Buffer
		sheet, err := NewSheet(&out)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range [][]string{{"key", "text"}, {"1", text}} {
			if err := sheet.Row(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := sheet.Close(); err != nil {
			t.Fatal(err)
		}
		if rows, err := ReadSheet(out.String()); err != nil || len(rows) != 2 || rows[1].Cells[1] != text {
			t.Errorf("%q: read as %v (%v)", text, rows, err)
		}
	})
}
