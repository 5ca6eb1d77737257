"""Which addresses may be fetched from: pure, so that every rule can be tested without a network."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import httpx

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
_LONGEST = 4096  # characters of a URL

# What `is_global` of some Python versions still lets through (IANA special-purpose registries, 2024).
_SPECIAL_V4 = [ipaddress.ip_network(n) for n in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24")]
_UNICAST_V6 = ipaddress.ip_network("2000::/3")
_SPECIAL_V6 = [ipaddress.ip_network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are the IPv4 address reached


def parse_url(text: str) -> httpx.URL:
    """The web address in `text`, without its fragment.

    Raises: ValueError, one line: not http or https, no host, user name or password in it, control characters.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"the address is longer than {_LONGEST} characters")
    if any(ord(c) < 33 or 127 <= ord(c) < 160 for c in text.strip(" ")):
        raise ValueError("the address has spaces or control characters in it")
    try:
        url = httpx.URL(text.strip(" "))
        _ = url.host  # decodes IDNA
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise ValueError(f"not a web address: {error}") from error
    if url.scheme not in PORTS:
        raise ValueError(f"only http and https are fetched, not {url.scheme or 'an address without a scheme'}")
    if url.userinfo:
        raise ValueError("the address holds a user name or password: take it out")
    if not url.host or (url.port is not None and not 0 < url.port < 65536):
        raise ValueError("not a web address: its host or port is missing or impossible")
    return url.copy_with(fragment=None)


def kind_of(address: Address) -> str:
    """What sort of address it is, in a word for the reader: ``public``, ``private``, ``loopback`` ...

    IPv6 forms that carry an IPv4 address are what that address is; transition tunnels are never public.
    """
    inner = _inner(address)
    if inner is not None:
        return kind_of(inner)
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address.is_unspecified:
        return "unspecified"
    if isinstance(address, ipaddress.IPv4Address):
        public = address.is_global and not any(address in network for network in _SPECIAL_V4)
    else:
        public = address in _UNICAST_V6 and address.is_global and not any(address in n for n in _SPECIAL_V6)
    return "public" if public else "private" if address.is_private else "reserved"


def allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of the operator's networks holds the address, or the IPv4 address that it stands for."""
    inner = _inner(address)
    return any(address in network or (inner is not None and inner in network) for network in networks)


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(address.packed[12:]) if address in _NAT64 else None
