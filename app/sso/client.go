package sso

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	fetchTime = 6 * time.Second
	fetchSize = 512 << 10
)

var (
	errInside   = errors.New("sso: the address lies inside the network")
	errPlain    = errors.New("sso: the address is not https")
	errRedirect = errors.New("sso: the answer leads elsewhere")
)

// newClient fetches from identity providers and from nowhere else. loopback also allows
// this machine, over plain HTTP.
func newClient(loopback bool) *http.Client {
	outside := &net.Dialer{Timeout: fetchTime, Control: onlyOutside}
	return &http.Client{
		Timeout:       fetchTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
		Transport: &guarded{loopback: loopback, next: &http.Transport{
			Proxy: nil, // the guard looks at the address that is connected to
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				host, port, err := net.SplitHostPort(address)
				if err == nil && loopback && isLoopback(host) {
					return (&net.Dialer{Timeout: fetchTime}).DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
				}
				return outside.DialContext(ctx, network, address)
			},
			ForceAttemptHTTP2: true, TLSHandshakeTimeout: fetchTime, ResponseHeaderTimeout: fetchTime,
			MaxIdleConns: 20, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		}},
	}
}

// guarded refuses addresses before anything is sent and cuts answers that are too long.
type guarded struct {
	loopback bool
	next     http.RoundTripper
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := fetchable(r.URL, g.loopback); err != nil {
		return nil, err
	}
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &bounded{Reader: io.LimitReader(answer.Body, fetchSize), Closer: answer.Body}
	return answer, nil
}

type bounded struct {
	io.Reader
	io.Closer
}

// fetchable says whether an address may be asked, or a browser be sent there.
func fetchable(address *url.URL, loopback bool) error {
	if address.User != nil || address.Hostname() == "" {
		return errPlain
	}
	if loopback && isLoopback(address.Hostname()) && (address.Scheme == "http" || address.Scheme == "https") {
		return nil
	}
	if address.Scheme != "https" {
		return errPlain
	}
	if isLoopback(address.Hostname()) {
		return errInside
	}
	if ip, err := netip.ParseAddr(address.Hostname()); err == nil && !isOutside(ip) {
		return errInside
	}
	return nil
}

func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// onlyOutside looks at the address that a name has led to: whoever controls the name
// cannot change it afterwards.
func onlyOutside(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address: %w", err)
	}
	if !isOutside(to.Addr()) {
		return errInside
	}
	return nil
}

// inside are networks that the properties of netip.Addr do not name.
var inside = func() (list []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"3fff::/20", "5f00::/16", "fec0::/10",
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}()

// isOutside says whether an address belongs to the public internet.
func isOutside(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() {
		return false
	}
	return !slices.ContainsFunc(inside, func(network netip.Prefix) bool { return network.Contains(ip) })
}
