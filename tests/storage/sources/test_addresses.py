from __future__ import annotations

import ipaddress

import pytest

from storage.sources.addresses import allowed, kind_of, parse_url


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104 (bound to nowhere)
        *("100.64.0.1", "100.127.255.255", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.0.1", "192.0.2.1"),
        *("198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "0.1.2.3"),
        *("fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808"),  # NAT64
        *("2002:7f00:1::", "2002:808:808::1", "2001:0:7f00:1::"),  # 6to4, Teredo
    ],
)
def test_an_address_that_only_some_machines_can_reach_is_not_public(address: str) -> None:
    assert kind_of(ipaddress.ip_address(address)) != "public"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "100.128.0.1"])
def test_a_public_address_is_public(address: str) -> None:
    assert kind_of(ipaddress.ip_address(address)) == "public"


def test_the_word_for_an_address_tells_its_sort() -> None:
    words = [kind_of(ipaddress.ip_address(a)) for a in ("::ffff:127.0.0.1", "169.254.169.254", "10.1.1.1", "224.0.0.9")]
    assert words == ["loopback", "link-local", "private", "multicast"]


def test_an_allowed_network_also_allows_its_addresses_in_their_ipv6_form() -> None:
    networks = [ipaddress.ip_network("127.0.0.0/8")]
    assert allowed(ipaddress.ip_address("127.0.0.1"), networks)
    assert allowed(ipaddress.ip_address("::ffff:127.0.0.1"), networks)
    assert not allowed(ipaddress.ip_address("10.0.0.1"), networks)
    assert not allowed(ipaddress.ip_address("::1"), networks)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://example.org/x", "http"),
        ("file:///etc/passwd", "http"),
        ("example.org/feed", "http"),
        ("http://user:pass@example.org/", "password"),
        ("http://user@example.org/", "user name"),
        ("http://exa\nmple.org/", "control"),
        ("http://example.org/\r\nX: y", "control"),
        ("http://example.org/\x7f", "control"),
        ("http://exa mple.org/", "spaces"),
        ("http:///path", "host"),
        ("http://example.org:0/", "port"),
        ("http://example.org:99999/", "port"),
        ("http://[::1", "not a web address"),
        ("http://xn--a/", "not a web address"),
        ("http://example.org/" + "a" * 5000, "longer"),
    ],
)
def test_what_is_no_plain_web_address_is_refused_in_words(url: str, word: str) -> None:
    with pytest.raises(ValueError, match=word) as caught:
        parse_url(url)
    assert "\n" not in str(caught.value)


def test_a_fragment_is_not_part_of_what_is_fetched() -> None:
    assert str(parse_url(" https://example.org/a?b=c#d ")) == "https://example.org/a?b=c"
