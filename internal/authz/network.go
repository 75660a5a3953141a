package authz

import "net/netip"

const network6 = 64 // bits of an IPv6 address that one subscriber holds

// Network is the caller to whom an address belongs, for whatever is limited per
// address: an IPv4 address stands for itself; all of an IPv6 network of 64 bits
// are one caller, who may speak from any of them. What is no address stays as it is.
func Network(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return addr
	}
	if ip = ip.Unmap().WithZone(""); !ip.Is6() {
		return ip.String()
	}
	at, err := ip.Prefix(network6)
	if err != nil {
		return addr
	}
	return at.String()
}
