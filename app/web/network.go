package web

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// parseProxies reads addresses and networks.
func parseProxies(texts []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("web: trusted proxy %q is neither an address nor a network", text)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

// forwardedFor joins all X-Forwarded-For headers in their order: a proxy may add its own
// line below the one that the browser sent, and only the last address is the proxy's word.
func forwardedFor(header *fasthttp.RequestHeader) string {
	return string(bytes.Join(header.PeekAll("X-Forwarded-For"), []byte(",")))
}

// clientIP is the address of the browser: the peer, or, when the peer is a trusted
// proxy, the nearest address to the right of X-Forwarded-For that is not one. What
// stands further to the left was sent by the browser itself and proves nothing.
func clientIP(peer string, forwarded string, trusted []netip.Prefix) string {
	address, err := netip.ParseAddr(peer)
	if err != nil {
		return peer
	}
	address = address.Unmap()
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(address, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap()
	}
	return address.WithZone("").String()
}

func isTrusted(address netip.Addr, trusted []netip.Prefix) bool {
	for _, prefix := range trusted {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// oneHost says whether the raw headers name exactly one host: with two, this server
// and the proxy in front might each believe another one.
func oneHost(raw []byte) bool {
	hosts := 0
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(bytes.TrimSpace(name), []byte("host")) {
			hosts++
		}
		raw = rest
	}
	return hosts == 1
}

// accepts says whether a list such as "br, gzip;q=0.9" names an encoding without
// refusing it.
func accepts(list, encoding string) bool {
	for part := range strings.SplitSeq(list, ",") {
		name, quality, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			quality = strings.ReplaceAll(quality, " ", "")
			return quality != "q=0" && !strings.HasPrefix(quality, "q=0.0")
		}
	}
	return false
}
