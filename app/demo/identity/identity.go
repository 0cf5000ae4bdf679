// Package identity is the identity provider of the demo: Harbour ID, at which invented
// people sign in by saying who they are. Its routes are there in demo mode alone, on the
// agency's own host. It is package ssotest behind the pages of KoNote.
package identity

import (
	"net/url"
	"slices"
	"sync"

	"konote/app/demo"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/sso/ssotest"
	"konote/app/view"
	"konote/app/web"
)

// Handlers answer the routes of the provider.
type Handlers struct {
	url     func(host string) string
	mu      sync.Mutex
	issuers map[string]*ssotest.Issuer // by the agency's host
}

// New makes the provider; url is the address of an agency's host.
func New(url func(host string) string) *Handlers {
	return &Handlers{url: url, issuers: map[string]*ssotest.Issuer{}}
}

// issuer is the one of the agency; fault.Missing where the demo has none.
func (h *Handlers) issuer(r *web.Request) (*ssotest.Issuer, error) {
	people := demo.IdentityPeople(r.Agency.Subdomain)
	if len(people) == 0 || !r.Agency.Demo {
		return nil, fault.Missing()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	host := r.Agency.Host
	if h.issuers[host] == nil {
		made := ssotest.New(demo.IdentityAddress(h.url(host)), demo.IdentityClient, "", h.url(host)+view.To("sign-in", "sso", "callback").String())
		for _, p := range people {
			made.People = append(made.People, ssotest.Person{Subject: p.Subject, Name: p.Name, Claims: p.Claims})
		}
		h.issuers[host] = made
	}
	return h.issuers[host], nil
}

// Configuration is the discovery document.
func (h *Handlers) Configuration(r *web.Request) (web.Response, error) {
	i, err := h.issuer(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(i.Configuration())
}

// Keys is the key set.
func (h *Handlers) Keys(r *web.Request) (web.Response, error) {
	i, err := h.issuer(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(i.Keys())
}

// Choose is the page that asks who one is.
func (h *Handlers) Choose(r *web.Request) (web.Response, error) {
	i, err := h.issuer(r)
	if err != nil {
		return web.Response{}, err
	}
	if err := i.Check(r.Query); err != nil {
		return web.Response{}, fault.New(fault.Invalid, i18n.SsoDemoWrong)
	}
	return web.Page(i18n.SsoDemoTitle, choose(r.Frame(), i, r.Query.Encode())), nil
}

// Enter signs a person in and sends her back.
func (h *Handlers) Enter(r *web.Request) (web.Response, error) {
	i, err := h.issuer(r)
	if err != nil {
		return web.Response{}, err
	}
	asked, err := url.ParseQuery(r.Value("asked"))
	at := slices.IndexFunc(i.People, func(p ssotest.Person) bool { return p.Subject == r.Value("person") })
	if err != nil || at < 0 {
		return web.Response{}, fault.New(fault.Invalid, i18n.SsoDemoWrong)
	}
	address, err := i.Authorize(asked, i.People[at])
	if err != nil {
		return web.Response{}, fault.New(fault.Invalid, i18n.SsoDemoWrong)
	}
	back, err := url.Parse(address)
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.Back(back.RequestURI())), nil // the same host
}

// Token exchanges a code.
func (h *Handlers) Token(r *web.Request) (web.Response, error) {
	i, err := h.issuer(r)
	if err != nil {
		return web.Response{}, err
	}
	status, body := i.Exchange(r.Form)
	answer, err := web.JSON(body)
	answer.Status = status
	return answer, err
}
