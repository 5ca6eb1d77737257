from __future__ import annotations

import pytest

from storage.sources.robots import NOTHING_ALLOWED, Robots, parse_robots


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("", "/a", True),
        ("Disallow: /private", "/private/x", False),
        ("Disallow: /private", "/public", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),  # the longest rule decides
        ("Allow: /a\nDisallow: /a", "/a", True),  # a tie allows
        ("Disallow: /*?print=", "/news?print=1", False),
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?page=2", True),
        ("Disallow: /a*$", "/a/anything", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /%D0%B0", "/а", False),
        ("Disallow: /а", "/%d0%b0", False),
        ("Disallow: / # all", "/robots.txt", True),
    ],
)
def test_the_rules_hold_as_the_standard_says(rules: str, path: str, allowed: bool) -> None:
    assert parse_robots(f"User-agent: *\n{rules}\n".encode()).allows(path) is allowed


def test_rules_that_name_us_replace_those_for_everyone() -> None:
    for_all = b"\xef\xbb\xbfUser-Agent: *\nDisallow: /\n\n"
    robots = parse_robots(for_all + b"USER-AGENT: other\nUser-agent: QuoteWire/2\nDisallow: /x\nCrawl-delay: 2.5")
    assert robots.allows("/a")
    assert not robots.allows("/x")
    assert robots.delay_s == 2.5


def test_what_is_no_robots_file_allows_all() -> None:
    assert parse_robots(b"<html>not found</html>\x00\xff") == Robots()
    assert not NOTHING_ALLOWED.allows("/")


def test_a_hostile_pattern_takes_no_time_to_speak_of() -> None:
    robots = parse_robots(b"User-agent: *\n" + b"Disallow: /" + b"*a" * 900 + b"b$\n" * 50)
    assert robots.allows("/" + "a" * 1900)
