"""A source's text -> blocks as written, and what each block is: left-over of a web page, headline, subhead or text."""

from __future__ import annotations

import re

_BREAK = r"(?:\r\n|\n|\r(?!\n))"
_BLANK_LINE = re.compile(rf"{_BREAK}[^\S\r\n]*{_BREAK}\s*")
_LINE = re.compile(_BREAK)
_OUTER = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff"  # white space, byte order mark

_LEFT_OVER_MAX = 250  # characters; a longer block is never a left-over
_TITLE_MAX = 250
_SUBHEAD_MAX = 80
_SUBHEAD_WORDS = 12

_HASHES = re.compile(r"#{1,6}\s+(?=\S)")
_SAYS = re.compile(r"\b(?:said|says|told|added|wrote|сказала?|заявила?|сообщила?|отметила?|добавила?)\b")
_LISTED = re.compile(r"[-–—•*·●▪►➤(\[\"'“”„‟«»‘’]|https?:|www\.|@")  # list items, asides, pulls, addresses
_FINAL = ".!?…:;,"
_CLOSING = "\"'“”»’)]"

_SECTION_SPLIT = re.compile(r"\s[–—|-]\s")
_SECTION_WORDS = frozenset(
    "politics political diplomacy business economy economics economic finance markets world international national "
    "society sport sports science space technology tech culture arts opinion analysis military defense defence health "
    "environment climate energy transport news emergencies crime law justice education travel lifestyle life "
    "entertainment media religion regions local agriculture "
    "политика экономика общество бизнес мире спорт наука культура происшествия армия опк новости технологии космос "
    "финансы рынки здоровье экология энергетика транспорт образование мнения аналитика регионы дипломатия".split()
)
_SMALL = frozenset("& and of the in for и в of".split())


def _any_of(*lines: str) -> re.Pattern[str]:
    return re.compile("|".join(lines), re.IGNORECASE)


# What a web page prints around an article. Each line must match a whole block.
_FURNITURE = _any_of(
    r"source links?|(?:ссылка на )?источник",
    r"comments? (?:are )?(?:now )?closed\.?|(?:leave|post|add) a comment\.?|(?:no |\d+ )?comments?(?: \(\d+\))?",
    r"(?:все )?комментарии(?: \(\d+\)| закрыты)?\.?|(?:оставить|добавить) комментарий|комментировать",
    r"read (?:more|also|next)|continue reading|see also|also read|more on this(?: story| topic)?",
    r"читать (?:далее|дальше|полностью|также)|(?:читайте|смотрите) (?:также|ещ[её])|подробнее|далее",
    r"(?:share|print|tweet|email|save)(?: (?:this|the)(?: (?:article|story|post|page|news))?)?"
    r"(?: (?:on|via|with) (?:facebook|twitter|x|telegram|whatsapp|linkedin|email|friends))?\.?",
    r"поделиться(?: (?:в|с|новостью|статьей|статьёй)[\w ]{0,30})?|распечатать",
    r"advertise?ments?|advertising|sponsored(?: content)?|promoted content|реклама|на правах рекламы",
    r"(?:photo|image|picture)s?(?: gallery)?|gallery|watch the video|video|фоторепортаж|(?:смотреть )?видео",
    r"(?:story|article) continues (?:below|after)(?: (?:the |this )?(?:advertisement|ad))?\.?",
    r"related(?: (?:articles?|stories|news|posts?|content|topics?|coverage|links?))?",
    r"(?:(?:материалы|новости) )?по теме",
    r"recommended(?: for you)?|you may also like|most (?:read|popular|viewed)|trending(?: now)?|top stories",
    r"latest news|(?:самое )?(?:популярное|читаемое)|back to top|skip to (?:main )?content|наверх|loading|загрузка",
    r"(?:this (?:web)?site|we) uses? cookies\b[^\n]{0,200}|cookie (?:policy|settings)",
    r"(?:accept|reject) (?:all )?cookies",
    r"by continuing to (?:use|browse) (?:this|our) (?:web)?site\b[^\n]{0,200}|privacy policy|terms of (?:use|service)",
    r"(?:мы используем|(?:наш |этот )?сайт использует) (?:файлы )?cookies?\b[^\n]{0,200}",
    r"(?:copyright )?(?:©|\(c\)) ?\d{4}\b[^\n]{0,120}|(?:copyright \d{4}\b[^\n]{0,120})?all rights reserved\.?",
    r"все права защищены\.?|нашли (?:ошибку|опечатку)\b[^\n]{0,120}",
    r"enter your e-?mail(?: address)?\.?|thank you for (?:subscribing|signing up)[.!]?",
    r"log in|sign in|sign up|subscribe(?: now)?",
)
# Links to other articles. A block that ends like a sentence may be one, and stays.
_LINK = _any_of(
    r"(?:read (?:more|also|next)|related(?: (?:articles?|stories))?|see also|also read|learn more|more(?: on this)?"
    r"|source|tags?|filed under|topics?|click here|источник|читайте (?:также|ещ[её])|смотрите также|по теме|теги"
    r"|подробнее)\s?[:|»→]\s?[^\n]{1,200}",
    r"read (?:more )?(?:about|the (?:full|rest of the) (?:article|story))\b[^\n]{0,100}",
)
_INVITATION = _any_of(
    r"(?:[^\n.!?:]{1,60}: ?)?(?:please )?(?:subscribe to|sign up (?:for|to)|get|join|follow) (?:us\b|our\b|the\b|@)?"
    r"[^\n.!?]{0,80}(?:newsletter|channel|inbox|facebook|twitter|instagram|telegram|whatsapp|youtube|linkedin|\bon x\b"
    r"|@\w+)[^\n]{0,80}",
    r"подп(?:исывайтесь|ишитесь|исаться)(?: на)? [^\n]{0,60}"
    r"(?:канал|рассылк|новост|телеграм|telegram|вконтакте|дзен|нас\b)[^\n]{0,60}",
    r"присоединяйтесь к нам [^\n]{0,60}",
)
_BYLINE = re.compile(r"(?:by|автор:?|текст:?)\s[^\n.!?:;]{3,60}", re.IGNORECASE)


def strip(text: str) -> str:
    """The text without outer white space and byte order marks; what is inside stays as it is."""
    return text.strip(_OUTER)


def split(text: str) -> tuple[list[str], bool]:
    """The text's blocks as written, and whether blank lines set them off; where there are none, line breaks do."""
    text = strip(text)
    set_off = _BLANK_LINE.search(text) is not None
    parts = (_BLANK_LINE if set_off else _LINE).split(text)
    return [block for part in parts if (block := strip(part))], set_off


def first_line(block: str) -> tuple[str, str]:
    """The block's first line, and the rest of it as written."""
    parts = _LINE.split(block, maxsplit=1)
    return strip(parts[0]), strip(parts[1]) if len(parts) > 1 else ""


def one_line(block: str) -> bool:
    """Whether no line break stands in the block."""
    return "\n" not in block and "\r" not in block


def is_left_over(block: str) -> bool:
    """Whether the block, or each of its lines, is what a web page prints around an article, and no sentence of it."""
    if len(block) > _LEFT_OVER_MAX:
        return False
    if not one_line(block):
        return all(is_left_over(line) for part in _LINE.split(block) if (line := strip(part)))
    if not any(map(str.isalnum, block)):
        return not any(mark in block for mark in '?!…"“”«»')  # a rule: "* * *"
    plain = block.strip(" \t\u00a0.…→»>[]:")
    if _FURNITURE.fullmatch(plain):
        return True
    link = block[-1] not in ".!?" and _LINK.fullmatch(plain)
    return bool(link or _INVITATION.fullmatch(block)) and not _SAYS.search(block)


def is_byline(block: str) -> bool:
    """Whether the block only names who wrote the article ("By Nora Quist")."""
    words = block.split()
    return 2 <= len(words) <= 9 and _BYLINE.fullmatch(block) is not None and words[1][0].isupper()


def is_headline(block: str) -> bool:
    """Whether the block, which stands first and set off, reads as a headline: one line that does not end a sentence."""
    if len(block) > _TITLE_MAX or not one_line(block):
        return False
    end = block.rstrip(_CLOSING)[-1:]
    if end == "." and not block.endswith(".."):  # "Talks in the U.S." is one; "Talks ended." is not
        return re.search(r"\b[A-ZА-Я]\.[A-ZА-Я]\.$", block) is not None
    return end not in ",:;" and any(map(str.isalpha, block))


def is_subhead(block: str) -> bool:
    """Whether the block, if text follows, reads as a subhead: a few words that are no sentence, list item or pull."""
    if len(block) > _SUBHEAD_MAX or not one_line(block):
        return False
    if _HASHES.match(block):
        return True
    return (
        block.rstrip(_CLOSING)[-1:] not in _FINAL
        and ":" not in block
        and not _LISTED.match(block)
        and (block[0].isupper() or block[0].isdigit())
        and len(block.split()) <= _SUBHEAD_WORDS
        and not _SAYS.search(block)
    )


def without_hashes(block: str) -> str:
    """The heading without the number signs that Markdown sets before it."""
    return _HASHES.sub("", block, count=1) if block.startswith("#") else block


def split_section(title: str) -> tuple[str, str | None]:
    """The title, and the site's section where one is printed behind it ("Talks begin – Business & Economy")."""
    matches = list(_SECTION_SPLIT.finditer(title))
    if not matches:
        return title, None
    head, tail = title[: matches[-1].start()], title[matches[-1].end() :]
    words = tail.split()
    if len(head.split()) < 2 or not 1 <= len(words) <= 5 or not words[0][0].isupper():
        return title, None
    russian = re.search("[а-яё]", tail) is not None  # only the first word has a capital
    if not russian and not all(word[0].isupper() or word in _SMALL for word in words):
        return title, None
    if not any(word.strip(",").lower() in _SECTION_WORDS for word in words):
        return title, None  # "Talks will fail – Markova" names who says so
    return head, tail


def same_words(one: str, other: str) -> bool:
    """Whether two lines have the same letters and digits, case apart."""
    if abs(len(one) - len(other)) > 40:
        return False
    return re.sub(r"[\W_]+", "", one).casefold() == re.sub(r"[\W_]+", "", other).casefold()
