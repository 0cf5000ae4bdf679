package apptest

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
)

// A passkey in a real browser: added on one's own page, used at the next sign-in, from the
// keyboard and on a telephone's screen, with nothing that the content policy refuses.
func TestAPasskeyInARealBrowser(t *testing.T) {
	t.Parallel()
	p := New(t)
	address := p.Address(p.Cedar)
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	// The test listens where it may, which passkeys are bound to as well.
	if p.Server.Config.Port, err = strconv.Atoi(parsed.Port()); err != nil {
		t.Fatal(err)
	}
	b := tab(t, address)
	b.Size(360, "light")
	b.do("an authenticator",
		command(webauthn.Enable, webauthn.EnableParams{}),
		command(webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}}))
	b.SignIn(p.Cedar.Worker.Login, Password)
	b.Open("/account/security/passkey")
	b.Want("document.title.includes('passkey')", "true")
	b.Type("#name", "this phone")
	b.Click("form[data-passkey] button.button-primary")
	b.Until("document.querySelectorAll('.factor-codes code').length === 10")
	b.Want("location.pathname", "/account/security/passkey")
	if wrongs := b.Wrongs(); wrongs != "" {
		t.Error(wrongs)
	}
	if overflow := b.Overflow(); overflow != "0" {
		t.Errorf("the page of codes is %s pixels too wide", overflow)
	}
	b.Open("/account/security")
	b.Want("document.querySelector('main').textContent.includes('this phone')", "true")

	b.Open("/")
	b.Run("document.querySelector(\"form[action='/sign-out']\").submit()")
	b.Until("location.pathname === '/sign-in'")
	b.Type("#login", p.Cedar.Worker.Login)
	b.Type("#password", Password)
	b.Click("form[action='/sign-in'] button.button-primary")
	b.Until("location.pathname === '/sign-in/second' && document.readyState === 'complete'")
	b.Want("document.querySelector('#page-session') === null", "true")
	b.Open("/participants")
	b.Want("location.pathname", "/sign-in/second")
	b.Click("form[data-passkey] button")
	b.Until("location.pathname === '/participants'")
	if wrongs := b.Wrongs(); wrongs != "" {
		t.Error(wrongs)
	}

	// The key of one agency is none of another's: its pages find no such key.
	other := b.Beside()
	other.address = p.Address(p.Birch)
	other.SignIn(p.Birch.Worker.Login, Password)
	other.Open("/account/security")
	other.Want("document.querySelector('main').textContent.includes('this phone')", "false")
}
