package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Device is what a browser says it is, in the names of those who make it: enough for
// somebody to know her own again in a list. Either may be "": unknown.
type Device struct{ Browser, System string }

// The signs by which browsers and systems are told, in an order in which the first that
// occurs is right: most browsers also say that they are Chrome and Safari.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"OPT/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "Mac"}, {"Linux", "Linux"}}
)

// DeviceOf reads a User-Agent header, of which nothing but names from the lists above is kept.
func DeviceOf(userAgent string) Device {
	named := func(signs [][2]string) string {
		for _, sign := range signs {
			if strings.Contains(userAgent, sign[0]) {
				return sign[1]
			}
		}
		return ""
	}
	return Device{named(browsers), named(systems)}
}

// deviceBytes is how long the names are made before they are sealed, so that their length
// tells nothing.
const deviceBytes = 32

// SetDevice notes on which device a session has just begun, for List. The list knows no
// cookie but the reader's own, so this is sealed under a key of the platform, to the person
// (the name of her index), beside the session and for as long.
func (st *Store) SetDevice(ctx context.Context, s *Session, device Device) error {
	text := device.Browser + "|" + device.System
	sealed := st.devices.Seal(nil, nil, []byte(text+strings.Repeat(" ", max(0, deviceBytes-len(text)))), []byte(st.index(s.Agency, s.Staff)))
	return unavailable("note device", st.redis.Set(ctx, "d"+s.key[1:], sealed, Absolute).Err())
}

// openDevice is none where it does not open: it was not noted, or not by this platform.
func (st *Store) openDevice(sealed, index string) Device {
	plain, err := st.devices.Open(nil, nil, []byte(sealed), []byte(index))
	if err != nil {
		return Device{}
	}
	browser, system, _ := strings.Cut(strings.TrimSpace(string(plain)), "|")
	return Device{browser, system}
}

func deviceSeal(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "konote/session/device/v1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive device key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make device cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
