"""What a site's robots.txt allows us (RFC 9309)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

OUR_TOKEN = "quotewire"  # noqa: S105 (the product token of our User-Agent, in lower case)
_LONGEST = 500 * 1024  # bytes that are read; the RFC asks for as many at least
_RULES = 5000


@dataclass(frozen=True)
class Robots:
    """The rules that hold for us: (allowed, path pattern), and the seconds asked for between two requests."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay_s: float = 0.0

    def allows(self, path: str) -> bool:
        """Whether the path, with its query, may be fetched: the longest rule that matches decides, a tie allows."""
        wanted = _normal(path)
        if wanted == "/robots.txt":
            return True
        matching = [(len(pattern), allowed) for allowed, pattern in self.rules if _matches(pattern, wanted)]
        return max(matching, default=(0, True))[1]


NOTHING_ALLOWED = Robots(((False, "/"),))


def parse_robots(body: bytes) -> Robots:
    """The rules in a robots.txt for our product token, else those for everyone. Bad lines are passed over."""
    groups: dict[str, list[tuple[bool, str]]] = {}
    delays: dict[str, float] = {}
    agents: list[str] = []
    naming = False  # user-agent lines that follow each other share their rules
    for line in body[:_LONGEST].decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        field, colon, value = (part.strip() for part in line.split("#", 1)[0].partition(":"))
        field = field.lower()
        if not colon:
            continue
        if field == "user-agent":
            agents = [*agents, value.lower()] if naming else [value.lower()]
            groups.setdefault(value.lower(), [])
            naming = True
            continue
        naming = False
        for agent in agents:
            if field in ("allow", "disallow") and value and len(groups[agent]) < _RULES:
                groups[agent].append((field == "allow", _normal(value)))
            elif field == "crawl-delay" and value.replace(".", "", 1).isdecimal():
                delays[agent] = float(value)
    ours = next((agent for agent in groups if agent.split("/")[0] == OUR_TOKEN), "*")
    return Robots(tuple(groups.get(ours, ())), delays.get(ours, 0.0))


def _normal(path: str) -> str:
    """The same octets in one spelling, so that %7e, ~ and unescaped letters compare as the RFC asks."""
    return quote(unquote_to_bytes(path[:2000]), safe="/?&=*$:;,+!@~'()[]-._")


def _matches(pattern: str, path: str) -> bool:
    """Whether the path begins as the pattern says; ``*``: any characters, ``$`` last: the end. Linear in the path."""
    anchored = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    for number, piece in enumerate(others):
        if anchored and number == len(others) - 1:
            return path.endswith(piece) and len(path) - len(piece) >= position
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not anchored or position == len(path)
