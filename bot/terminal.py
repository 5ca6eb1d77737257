"""Messages and articles drawn for a terminal; styles and marks only where the output is one."""

from __future__ import annotations

from html.parser import HTMLParser

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from retrieval.types import Article, Dateline, Quotation

_STYLES = {"b": "bold", "i": "italic", "u": "underline", "code": "cyan", "a": "underline"}
_QUOTE_STYLE = "green"


class _Message(HTMLParser):
    """Telegram's HTML -> blocks of styled text; `quoted` blocks stand indented."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[bool, Text]] = [(False, Text())]
        self._styles: list[str] = []
        self._link: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self.blocks.append((True, Text(style=_QUOTE_STYLE)))
        elif tag in _STYLES:
            self._styles.append(_STYLES[tag])
            if tag == "a":
                self._link = dict(attrs).get("href")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self.blocks.append((False, Text()))
        elif tag in _STYLES and self._styles:
            self._styles.pop()
            if tag == "a" and self._link:
                self.blocks[-1][1].append(f" <{self._link}>", "dim")
                self._link = None

    def handle_data(self, data: str) -> None:
        self.blocks[-1][1].append(data, " ".join(self._styles))


def print_message(html: str, console: Console) -> None:
    """Prints a message written in Telegram's HTML; styles only where the console is a terminal."""
    message = _Message()
    message.feed(html)
    message.close()
    for quoted, block in message.blocks:
        plain = block.plain
        lead, tail = len(plain) - len(plain.lstrip("\n")), len(plain.rstrip("\n"))
        text = block[lead:tail] if lead < tail else Text()
        if text.plain.strip():
            text.plain = _printable(text.plain)
            _print(console, text, 4 if quoted else 0)


def _printable(text: str) -> str:
    """Control characters would let an article move the cursor or recolour the screen."""
    return "".join(c if c in "\n\t" or c.isprintable() or c == "\u00a0" else "\ufffd" for c in text)


def print_article(article: Article, console: Console) -> None:
    """What was understood of an article: its head, its paragraphs, and under each the quotations found in it."""
    dateline = article.dateline or Dateline()
    head = {
        "title": article.title,
        "section": article.section,
        "source": article.source,
        "address": article.url,
        "language": article.language,
        "place": dateline.place,
        "date": article.date and f"{article.date} (from {article.date_origin})",
    }
    for name, value in head.items():
        _print_plain(console, f"{name:9} {value if value else '-'}")
    for quotation in article.quotes:
        if quotation.paragraph is None:
            _print_quotation(quotation, console)
    heading = None
    for number, paragraph in enumerate(article.paragraphs):
        if paragraph.heading != heading:
            heading = paragraph.heading
            _print_plain(console, f"\n## {heading}")
        _print_plain(console, f"\n[{number}] {paragraph.text}")
        for quotation in article.quotes:
            if quotation.paragraph == number:
                _print_quotation(quotation, console)


def _print_quotation(quotation: Quotation, console: Console) -> None:
    speaker = quotation.speaker
    who = "speaker not identified"
    if speaker is not None:
        who = speaker.name or speaker.as_written or who
        who += f", {speaker.role}" if speaker.role else ""
        who += " (attributed from context)" if speaker.certainty == "from_context" else ""
    _print_plain(console, f"      {quotation.kind} {quotation.start}-{quotation.end}: {who}", "green")
    _print_plain(console, f"        {quotation.text}", "green")


def _print_plain(console: Console, text: str, style: str = "") -> None:
    _print(console, Text(_printable(text), style))


def _print(console: Console, text: Text, indent: int = 0) -> None:
    """Folded to the width of a terminal; one line to a paragraph elsewhere, so that it can be searched."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        console.print(
            Text("\n").join(Text(" " * indent).append_text(line) for line in text.split("\n")), soft_wrap=True
        )
