package session

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestADeviceIsNamedInPlainWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]Device{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                           {"Firefox", "Windows"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0":              {"Edge", "Windows"},
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36":                             {"Chrome", "ChromeOS"},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":    {"Safari", "iPhone"},
		"Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/139.0 Mobile/15E148 Safari/604.1":              {"Chrome", "iPad"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                      {"Safari", "Mac"},
		"Mozilla/5.0 (Linux; Android 15; SM-S938B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": {"Samsung Internet", "Android"},
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                     {"Firefox", "Linux"},
		"":                              {},
		"curl/8.5.0":                    {},
		"<script>alert('x')</script>":   {},
		"Aiyana's own browser, Windows": {"", "Windows"},
		strings.Repeat("x", 1<<16):      {},
	} {
		if got := DeviceOf(agent); got != want {
			t.Errorf("%.60q: got %+v, want %+v", agent, got, want)
		}
	}
	for _, browser := range browsers {
		for _, system := range systems {
			if len(browser[1])+len("|")+len(system[1]) > deviceBytes {
				t.Errorf("%s on %s is longer than others", browser[1], system[1])
			}
		}
	}
}

func TestAListTellsTheDeviceOfEachSessionAndADumpDoesNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	phone, desk := Device{"Safari", "iPhone"}, Device{"Firefox", "Windows"}
	first, second := b.start(t), b.start(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.SetDevice(t.Context(), first, phone))
	must(b.SetDevice(t.Context(), second, desk))
	devices := func() map[Device]int {
		t.Helper()
		all, err := b.List(t.Context(), b.agency, b.staff, nil, 30*time.Minute)
		must(err)
		found := map[Device]int{}
		for _, one := range all {
			found[one.Device]++
		}
		return found
	}
	if got := devices(); got[phone] != 1 || got[desk] != 1 {
		t.Errorf("got %v, want both devices", got)
	}

	lengths := map[int]bool{}
	for _, key := range b.client.Keys(t.Context(), "d:*"+b.agency.String()+"*").Val() {
		value := b.client.Get(t.Context(), key).Val()
		lengths[len(value)] = true
		for _, word := range []string{"Safari", "iPhone", "Firefox", "Windows"} {
			if strings.Contains(value, word) {
				t.Errorf("the dump contains %q", word)
			}
		}
	}
	if len(lengths) != 1 {
		t.Errorf("the lengths %v tell the devices apart", lengths)
	}

	// What is another person's opens for nobody else.
	colleague := uuid.Must(uuid.NewV7())
	theirs, err := b.Start(t.Context(), b.agency, colleague, b.clock.Now(), Password, 0)
	must(err)
	b.client.Set(t.Context(), "d"+theirs.key[1:], b.client.Get(t.Context(), "d"+first.key[1:]).Val(), time.Hour)
	all, err := b.List(t.Context(), b.agency, colleague, nil, 0)
	must(err)
	if len(all) != 1 || all[0].Device != (Device{}) {
		t.Errorf("a device that was moved to a colleague: got %+v, want none", all)
	}

	// It goes along with a new id, and away with the session.
	first, err = b.Rotate(t.Context(), first, b.clock.Now())
	must(err)
	if got := devices(); got[phone] != 1 || got[desk] != 1 {
		t.Errorf("after a new id: got %v, want both devices", got)
	}
	must(b.End(t.Context(), second))
	if got := devices(); got[phone] != 1 || got[desk] != 0 {
		t.Errorf("after the end of one: got %v", got)
	}
	if _, err := b.EndAll(t.Context(), b.agency, b.staff, nil); err != nil {
		t.Fatal(err)
	}
	if left := b.client.Exists(t.Context(), "d"+first.key[1:], "d"+second.key[1:]).Val(); left != 0 {
		t.Errorf("%d devices are left of sessions that have ended", left)
	}
}
