"""A message of the bot as Telegram shows it, as SVG: what it says comes from the message, how it looks from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from itertools import groupby

from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

from tests.botapi import BotMessage

Run = tuple[str, frozenset[str]]  # text of one formatting
_WIDTH, _PAD, _LINE, _SIZE = 460.0, 12.0, 21.0, 15.0
_BUBBLE = _WIDTH - 3 * _PAD
_INSIDE = _BUBBLE - 2 * _PAD
_NARROW = 0.9  # of the font measured: how wide the sans-serif fonts are that phones and browsers have
_FITTED = 120.0  # wider lines are made as wide as measured, whatever the font
_ACCENT, _QUOTE = "#2f86d6", "#2f86d61a"
_STYLES = {"bold": 'font-weight="600"', "italic": 'font-style="italic"', "text_link": f'fill="{_ACCENT}"'}
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"
 font-family="Roboto, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif" font-size="{size:g}">
<defs><linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#d3dcb4"/>
<stop offset=".5" stop-color="#94c2a0"/><stop offset="1" stop-color="#c2d59a"/></linearGradient></defs>
<rect width="100%" height="100%" rx="14" fill="url(#wall)"/>"""


def drawn(name: str, asked: str, message: BotMessage) -> str:
    """The question in its own bubble, the message below it with its quotes, and its buttons."""
    question = list(_wrapped([(asked, frozenset())], _INSIDE - 4 * _PAD))
    shapes, y = [], _PAD
    wide = max(map(_width, question)) + 2 * _PAD
    shapes.append(_box(_WIDTH - _PAD - wide, y, wide, len(question) * _LINE + 14, "#e7fcd3", 14))
    shapes += [_text(_WIDTH - wide, y + 7 + n * _LINE, line) for n, line in enumerate(question)]
    y += len(question) * _LINE + 14 + 8
    top, y = y, y + 9
    left = 2 * _PAD
    shapes += _quoting(left, y, 2 * _LINE + 4)
    shapes.append(_text(left + 10, y + 2, [(name, frozenset({"bold", "text_link"}))]))
    shapes.append(_text(left + 10, y + 1 + _LINE, _clipped(asked, _INSIDE - 20)))
    y += 2 * _LINE + 12
    for quoted, paragraphs in groupby(_paragraphs(message), key=lambda one: one[0]):
        lines = [line for _, runs in paragraphs for line in _wrapped(runs, _INSIDE - 32 * quoted)]
        if quoted:
            shapes += _quoting(left, y, len(lines) * _LINE + 8)
            shapes.append(f'<text x="{left + _INSIDE - 17:g}" y="{y + 24:g}" font-size="26" fill="{_ACCENT}">”</text>')
            y += 4
        shapes += [_text(left + (10 if quoted else 0), y + n * _LINE, line) for n, line in enumerate(lines)]
        y += len(lines) * _LINE + (8 if quoted else 0)
    shapes.insert(0, _box(_PAD, top, _BUBBLE, y + 9 - top, "#ffffff", 14))
    y += 9 + 6
    for row in message.json["reply_markup"]["inline_keyboard"]:
        wide = (_BUBBLE + 4) / len(row)
        for n, button in enumerate(row):
            x = _PAD + n * wide
            shapes.append(_box(x, y, wide - 4, 35, "#3c6e4f99", 9))
            label = escape("".join(text for text, _ in _clipped(button["text"], wide - 12)))
            middle = f'x="{x + wide / 2 - 2:g}" y="{y + 22.5:g}" text-anchor="middle"'
            shapes.append(f'<text {middle} font-size="14" font-weight="600" fill="#ffffff">{label}</text>')
        y += 39
    return "\n".join([_HEAD.format(width=_WIDTH, height=y + 8, size=_SIZE), *shapes, "</svg>\n"])


def _paragraphs(message: BotMessage) -> Iterator[tuple[bool, list[Run]]]:
    """The lines of the message, in runs of one formatting, and whether each stands in a blockquote."""
    styles: list[set[str]] = [set() for _ in range(len(message.text.encode("utf-16-le")) // 2 + 1)]
    for entity in message.json.get("entities", []):
        for unit in styles[entity["offset"] : entity["offset"] + entity["length"]]:
            unit.add(entity["type"])
    position = 0
    for line in message.text.split("\n"):
        marked = []
        for character in line:
            marked.append((character, frozenset(styles[position] & _STYLES.keys())))
            position += len(character.encode("utf-16-le")) // 2
        quoted = bool(line) and any("blockquote" in style for style in styles[position - 1])
        position += 1
        yield quoted, [("".join(c for c, _ in run), style) for style, run in groupby(marked, key=lambda one: one[1])]


def _wrapped(runs: Sequence[Run], room: float) -> Iterator[list[Run]]:
    """The runs in lines that fit, broken between words."""
    line: list[Run] = []
    for word, style in [(word, style) for text, style in runs for word in text.replace(" ", " \0").split("\0")]:
        if line and _width([*line, (word.rstrip(), style)]) > room:
            yield line
            line = []
        line.append((word, style))
    yield line


def _clipped(text: str, room: float) -> list[Run]:
    short = text
    while _width([(short, frozenset())]) > room:
        short = short.rstrip("…")[:-1] + "…"
    return [(short, frozenset())]


def _width(runs: Sequence[Run]) -> float:
    total = 0.0
    for text, style in runs:
        font = _font("bold" if "bold" in style else "normal")
        font.set_text("".join(c if c < "\u3000" else "M" for c in text))  # the font has no emoji
        total += font.get_width_height()[0] / 64
    return _NARROW * total


@cache
def _font(weight: str) -> FT2Font:
    font = FT2Font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(_SIZE, 72)
    return font


def _text(x: float, top: float, runs: Sequence[Run]) -> str:
    spans = (f"<tspan {' '.join(_STYLES[s] for s in sorted(style))}>{escape(text)}</tspan>" for text, style in runs)
    width = _width(runs)
    fitted = f'textLength="{width:.0f}" lengthAdjust="spacingAndGlyphs"' if width > _FITTED else ""
    return f'<text x="{x:g}" y="{top + 15.5:g}" {fitted} xml:space="preserve">{"".join(spans)}</text>'


def _box(x: float, y: float, width: float, height: float, fill: str, radius: float) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" fill="{fill}"/>'


def _quoting(x: float, y: float, height: float) -> list[str]:
    """The tinted field with a bar at its left that quotes stand in."""
    return [_box(x, y, _INSIDE, height, _QUOTE, 5), _box(x, y, 3, height, _ACCENT, 1.5)]
