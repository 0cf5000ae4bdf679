// Command screenshots takes pictures of the pages of the demo, at two widths, in both
// themes and languages, into screenshots/. `make screenshots` runs it, from the root of
// the checkout, after bin/konote was built. It starts a demo of its own.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"konote/app/apptest"
)

const folder = "screenshots"

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("screenshots: ", err)
	}
}

func run() (err error) {
	demo, err := startDemo()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, demo.stop()) }()
	chrome, err := apptest.StartChrome()
	if err != nil {
		return err
	}
	defer chrome.Close()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}

	var working sync.WaitGroup
	failed := make(chan error, 2)
	for _, language := range []string{"en", "fr"} {
		working.Go(func() { failed <- (&camera{chrome: chrome, demo: demo, language: language}).all() })
	}
	working.Wait()
	return errors.Join(<-failed, <-failed)
}

// demo is konote demo in a folder of its own.
type demo struct {
	dir, program string
	cmd          *exec.Cmd
	Password     string `json:"password"`
	Agencies     []struct {
		Subdomain string `json:"subdomain"`
		Address   string `json:"address"`
	} `json:"agencies"`
}

func startDemo() (*demo, error) {
	program, err := filepath.Abs("bin/konote")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "konote-screenshots-")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return nil, err
	}
	d := &demo{dir: dir, program: program, cmd: exec.Command(program, "demo")}
	d.cmd.Dir, d.cmd.Stderr = dir, os.Stderr
	d.cmd.Env = append(os.Environ(), "KONOTE_PORT="+strconv.Itoa(port))
	out, err := d.cmd.StdoutPipe()
	if err == nil {
		err = d.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start the demo: %w", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready:" {
		if line := lines.Text(); strings.HasPrefix(line, "· ") {
			log.Print(line)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // it must not block on what nobody reads
	text, err := os.ReadFile(filepath.Join(dir, ".konote/demo.json"))
	if err == nil {
		err = json.Unmarshal(text, d)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the demo did not start: %w", err), d.stop())
	}
	return d, nil
}

func (d *demo) stop() error {
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // gone already is as good
	_ = d.cmd.Wait()                          // how it ended does not matter
	reset := exec.Command(d.program, "demo", "reset")
	reset.Dir = d.dir
	return errors.Join(reset.Run(), os.RemoveAll(d.dir))
}

// camera takes all pictures in one language. It is its tabs' [apptest.T].
type camera struct {
	chrome   *apptest.Chrome
	demo     *demo
	language string
	cleanups []func()
}

// giveUp carries an error out of a tab.
type giveUp struct{ error }

func (*camera) Helper()                         {}
func (*camera) Errorf(text string, args ...any) { panic(giveUp{fmt.Errorf(text, args...)}) }
func (*camera) Fatalf(text string, args ...any) { panic(giveUp{fmt.Errorf(text, args...)}) }
func (c *camera) Cleanup(f func())              { c.cleanups = append(c.cleanups, f) }

// A picture is a page and the name of its files.
type picture struct{ name, path string }

// firstPerson finds the first person of a list, somePeople a few more.
const (
	firstPerson = `document.querySelector("main a.row[href^='/participants/']").getAttribute("href")`
	somePeople  = `[...document.querySelectorAll("main a.row[href^='/participants/']")].slice(2, 6).map((a) => a.getAttribute("href")).join(" ")`
)

func (c *camera) all() (err error) {
	defer func() {
		for _, f := range c.cleanups {
			f()
		}
		if value := recover(); value != nil {
			given, ok := value.(giveUp)
			if !ok {
				panic(value)
			}
			err = given
		}
	}()
	north, harbour := c.demo.Agencies[0].Address, c.demo.Agencies[1].Address
	c.take(c.signIn(north, ""), picture{"sign-in", "/sign-in"})

	worker := c.signIn(north, "amara")
	worker.Open("/participants")
	person := worker.Get(firstPerson)
	for _, path := range strings.Fields(worker.Get(somePeople)) { // the home page has recent people
		worker.Open(path)
	}
	worker.Open("/participants")
	name := strings.Fields(worker.Get(`document.querySelector("main a.row .row-title").textContent`))[0]
	c.take(worker, picture{"home-worker", "/"}, picture{"participants", "/participants"})
	c.find(worker, "find", name[:min(len(name), 3)])
	c.find(worker, "find-nobody", "xyzzyx")
	c.take(worker, picture{"participant", person}, picture{"participant-about", person + "/about"},
		picture{"participant-timeline", person + "/timeline"}, picture{"participant-history", person + "/history"},
		picture{"participant-edit", person + "/edit"}, picture{"participant-new", "/participants/new"}, picture{"note-new", person + "/notes/new"},
		picture{"programs", "/programs"}, picture{"account", "/account"}, picture{"missing", "/participants/" + strings.Repeat("0", 8)})

	front := c.signIn(north, "joan")
	c.take(front, picture{"home-front-desk", "/"}, picture{"participant-front-desk", person}, picture{"denied", person + "/notes/new"})
	c.take(c.signIn(north, "dave"), picture{"home-manager", "/"})
	c.take(c.signIn(north, "grace"), picture{"home-executive", "/"})
	admin := c.signIn(north, "priya")
	admin.Open("/programs")
	program := admin.Get(`document.querySelector("main a.row[href^='/programs/']").getAttribute("href")`)
	c.take(admin, picture{"home-administrator", "/"}, picture{"program", program}, picture{"program-edit", program + "/edit"},
		picture{"audit", "/audit"}, picture{"audit-entry", "/audit/1"})
	resident := c.signIn(harbour, "noor")
	c.take(resident, picture{"harbour-home", "/"}, picture{"harbour-participants", "/participants"})
	return nil
}

// signIn opens a tab in the camera's language; without a login nobody is signed in.
func (c *camera) signIn(address, login string) *apptest.Tab {
	tab := c.chrome.Tab(c, address)
	tab.Open("/sign-in?lang=" + c.language)
	if login != "" {
		tab.SignIn(login, c.demo.Password)
		tab.Open("/?lang=" + c.language)
	}
	return tab
}

// find takes the page of results of a question.
func (c *camera) find(tab *apptest.Tab, name, q string) {
	tab.Open("/find")
	tab.Type("#q", q+"\r")
	tab.Until(`document.querySelector("main [role=status]") && document.getElementById("q").value === "` + q + `"`)
	c.take(tab, picture{name, "/find"})
}

func (c *camera) take(tab *apptest.Tab, pictures ...picture) {
	for _, p := range pictures {
		tab.Size(1280, "light")
		tab.Open(p.path)
		for _, width := range []int64{1280, 360} {
			for _, theme := range []string{"light", "dark"} {
				tab.Size(width, theme)
				tab.Until(`document.fonts.status === "loaded"`)
				path := filepath.Join(folder, fmt.Sprintf("%s-%d-%s-%s.png", p.name, width, theme, c.language))
				if err := os.WriteFile(path, tab.Picture(), 0o644); err != nil {
					c.Fatalf("%v", err)
				}
			}
		}
		log.Printf("· %s (%s)", p.name, c.language)
	}
}
