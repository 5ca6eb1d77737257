"""Alerts, digests and subscriptions -> messages: pure, like the views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.links import Link
from bot.markup import MESSAGE_LIMIT, Html, cut, escape, is_link, join, link, tag, visible_length
from bot.pages import message, turning
from bot.texts import Words
from bot.views import Button, Message, fitting, mark, said_by, short, source_line
from retrieval.types import AnswerQuote, Article
from storage.chatsettings import ChatSettings
from storage.subscriptions import FOR_GOOD, Subscription

IN_DIGEST = 10  # alerts in one message
PER_PAGE = 8  # subscriptions
_REASONS = 3  # subscriptions named as the reason of an alert
_TEXT = 80  # of a subscription
_ZONES = (
    "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "UTC", "Europe/London", "Europe/Berlin",
    "Europe/Kyiv", "Europe/Moscow", "Asia/Dubai", "Asia/Tashkent", "Asia/Kolkata", "Asia/Bangkok", "Asia/Shanghai",
    "Asia/Tokyo", "Asia/Vladivostok", "Australia/Sydney",
)  # fmt: skip
_QUIET = ((22, 7), (23, 8), (0, 8), (20, 9))
_MUTES = (1, 8, 24, 168)  # hours


@dataclass(frozen=True)
class Told:
    """An alert as a chat is to read it."""

    alert_id: int
    article: Article
    quote: AnswerQuote | None
    because: tuple[Subscription, ...]  # most exact first
    was: str | None = None  # in a correction: the quote as it was sent before
    corrected: bool = False


def alert_text(told: Told, words: Words, today: dt.date) -> Html:
    """One alert: title, quote, speaker, date and source, and why it was sent."""
    title = short(told.article.title) if told.article.title else words("article.untitled")
    head = tag("b", link(told.article.url, title))
    if told.corrected:
        head = join("\n", [words("alert.corrected"), head])
    foot = [source_line(told.article, words, today, title=False), words("alert.because", what=_reasons(told, words))]
    if told.quote:
        foot.insert(0, said_by(told.quote, words))
    was = words("alert.was", quote=short(told.was, 600)) if told.was else Html()
    room = MESSAGE_LIMIT - visible_length(join("\n", [head, was, *foot])) - 40
    body = _quote(told.quote, words, room) if told.quote else words("alert.no_longer") if told.was else Html()
    return join("\n", [head, was, body, *foot])


def alert_buttons(told: Told, words: Words) -> tuple[tuple[Button, ...], ...]:
    """What stands under an alert."""
    buttons = [Button(words("button.context"), Link("around", (told.alert_id,)).data)] if told.quote else []
    if told.article.url and is_link(told.article.url):
        buttons.append(Button(words("button.open"), url=told.article.url))
    else:
        buttons.append(Button(words("button.article"), Link("article", (told.article.id, 0)).data))
    why = told.because[0].id
    ends = (
        Button(words("button.mute"), Link("mutesub", (why,)).data),
        Button(words("button.stop"), Link("stopsub", (why,)).data),
    )
    return tuple(buttons), ends


def digest(told: Sequence[Told], words: Words, today: dt.date, *, daily: bool) -> Message:
    """Up to `IN_DIGEST` alerts in one message: by subscription, in each the newest first."""
    groups: dict[int, list[Told]] = {}
    for one in sorted(told, key=lambda one: -one.alert_id):
        groups.setdefault(one.because[0].id, []).append(one)
    text = words("alert.digest" if daily else "alert.meanwhile", n=len(told))
    left = len(told)
    for group in groups.values():
        text = join("\n\n", [text, tag("b", tag("u", subscribed(group[0].because[0], words)))])
        for one in group:
            room = (MESSAGE_LIMIT - visible_length(text) - 100 * (len(groups) + 1)) // left
            text = join("\n\n", [text, _entry(one, words, today, room)])
            left -= 1
    numbers = [
        Button(str(n), Link("around", (one.alert_id,)).data)
        for n, one in enumerate((one for group in groups.values() for one in group), 1)
        if one.quote
    ]
    return message(text, *_rows(numbers, 5), [Button(words("button.subscriptions"), Link("subs", (0,)).data)])


def _entry(told: Told, words: Words, today: dt.date, room: int) -> Html:
    title = short(told.article.title or "", 100) or words("article.untitled")
    line = join(" · ", [link(told.article.url, title), source_line(told.article, words, today, title=False)])
    note = words("alert.corrected") if told.corrected else Html()
    if told.quote is None:
        return join("\n", [note, line])
    foot = [said_by(told.quote, words), line]
    return join("\n", [note, _quote(told.quote, words, room - visible_length(join("\n", [note, *foot])) - 4), *foot])


def _quote(quote: AnswerQuote, words: Words, room: int) -> Html:
    """The quote as far as there is room for it."""
    goes_on = Html("\n" + words("quote.goes_on"))
    end = cut(quote.text, max(40, room if len(quote.text) <= room else room - len(goes_on)))
    shown = mark(quote.text[:end], quote.terms, quote.article.language)
    if quote.kind == "direct":
        shown = words("quote.direct", text=shown)
    return Html(tag("blockquote", shown) + (goes_on if end < len(quote.text) else ""))


def _reasons(told: Told, words: Words) -> str:
    return Html("; ".join(subscribed(one, words) for one in told.because[:_REASONS]))


def subscribed(one: Subscription, words: Words) -> Html:
    """What a subscription follows, in words."""
    return words(f"subscription.{one.follows}", text=short(one.text, _TEXT))


def confirmation(
    one: Subscription, words: Words, today: dt.date, *, new: bool, found: Sequence[AnswerQuote], of: int
) -> Message:
    """That it is followed now, what it would have brought lately, and the way back."""
    head = words("subscription.added" if new else "subscription.known", what=subscribed(one, words))
    if not of:
        preview = words("subscription.no_articles")
    elif one.follows == "all":
        preview = words("subscription.preview_all", n=of)
    else:
        preview = words("subscription.preview" if found else "subscription.preview_none", n=len(found), of=of)
    cards = [_entry(Told(0, quote.article, quote, (one,)), words, today, 500) for quote in found[:3]]
    undo = Button(words("button.undo" if new else "button.stop"), Link("dropsub", (one.id,)).data)
    other = Button(words("button.at_once" if one.daily else "button.daily"), Link("dailysub", (one.id,)).data)
    return Message(fitting([head, preview, *cards]), ((undo, other),))


def list_page(mine: Sequence[Subscription], words: Words, now: dt.datetime, page: int) -> Message:
    """The chat's subscriptions, with a button to each."""
    if not mine:
        return offer(words)
    pages = (len(mine) - 1) // PER_PAGE + 1
    page = min(page, pages - 1)
    here = mine[page * PER_PAGE : (page + 1) * PER_PAGE]
    lines = [
        f"{n}. {subscribed(one, words)}" + (f" — <i>{_state(one, words, now)}</i>" if _state(one, words, now) else "")
        for n, one in enumerate(here, page * PER_PAGE + 1)
    ]
    text = join("\n\n", [words("subscription.list", n=len(mine)), Html("\n".join(lines))])
    numbers = [Button(str(n), Link("sub", (one.id,)).data) for n, one in enumerate(here, page * PER_PAGE + 1)]
    turns = turning(page, page + 1 < pages, words, Link("subs"))
    return message(text, *_rows(numbers, 4), turns)


def subscription_page(one: Subscription, words: Words, now: dt.datetime) -> Message:
    """One subscription, and what can be done with it."""
    text = join("\n", [tag("b", subscribed(one, words)), _state(one, words, now) or words("subscription.active")])
    pause = "button.resume" if one.paused(now) else "button.pause"
    first = [
        Button(words(pause), Link("pausesub", (one.id,)).data),
        Button(words("button.at_once" if one.daily else "button.daily"), Link("dailysub", (one.id,)).data),
    ]
    second = [Button(words("button.edit"), Link("editsub", (one.id,)).data)] if one.follows != "all" else []
    second.append(Button(words("button.delete"), Link("dropsub", (one.id,)).data))
    return message(text, first, second, [Button(words("button.to_list"), Link("subs", (0,)).data)])


def _state(one: Subscription, words: Words, now: dt.datetime) -> Html:
    if one.paused(now) and one.paused_until:
        if one.paused_until >= FOR_GOOD:
            return words("subscription.paused")
        return words("subscription.muted", until=_moment(one.paused_until))
    return words("subscription.daily") if one.daily else Html()


def offer(words: Words) -> Message:
    """What can be followed."""
    first = [Button(words("button.follow_all"), Link("followall").data)]
    names = ("source", "speaker", "section")
    others = [Button(words(f"button.follow_{name}"), Link(f"follow{name}s").data) for name in names]
    return message(words("subscription.offer"), first, others)


def choices(kind: str, found: Mapping[str, tuple[int, ...]], words: Words) -> Message:
    """Names to follow, a button each. `found`: by name, the numbers by which its link knows it."""
    if not found:
        return Message(words("subscription.nothing_to_choose"))
    buttons = [Button(short(name, 40), Link(f"follow{kind}", place).data) for name, place in found.items()]
    return message(words(f"subscription.choose_{kind}"), *_rows(buttons, 2))


def settings_page(settings: ChatSettings, words: Words, language: str | None, now: dt.datetime) -> Message:
    """How the chat is set."""
    quiet = (
        words("settings.hours", start=_hour(settings.quiet_from), end=_hour(settings.quiet_until))
        if settings.quiet_from is not None and settings.quiet_until is not None
        else words("settings.none")
    )
    muted = settings.muted_until if settings.muted_until and settings.muted_until > now else None
    text = words(
        "settings.page",
        language=words(f"settings.language_{language}") if language else words("settings.language_auto"),
        timezone=settings.timezone,
        quiet=quiet,
        digest=_hour(settings.digest_hour),
        mute=words("settings.until", until=_moment(muted)) if muted else words("settings.none"),
    )
    names = ("language", "timezone", "quiet", "digest", "mute")
    buttons = [Button(words(f"button.set_{name}"), Link(f"set{name}s").data) for name in names]
    return message(text, buttons[:2], buttons[2:4], buttons[4:])


def setting_choices(name: str, words: Words) -> Message:
    """The values that a setting may have, a button each."""
    match name:
        case "language":
            labels = [words("settings.language_en"), words("settings.language_ru"), words("settings.language_auto")]
        case "timezone":
            labels = [escape(zone) for zone in _ZONES]
        case "quiet":
            labels = [words("settings.hours", start=_hour(a), end=_hour(b)) for a, b in _QUIET] + [
                words("settings.none")
            ]
        case "digest":
            labels = [escape(_hour(hour)) for hour in range(24)]
        case _:
            labels = [words("settings.mute_hours", n=n) for n in _MUTES] + [words("settings.none")]
    buttons = [Button(label, Link(f"set{name}", (n,)).data) for n, label in enumerate(labels)]
    back = [Button(words("button.to_settings"), Link("settings").data)]
    return message(words(f"settings.choose_{name}"), *_rows(buttons, 4 if name == "digest" else 2), back)


def chosen(name: str, n: int, now: dt.datetime) -> dict[str, object] | None:
    """The settings that the button of that number in `setting_choices` means; None for one that there is not."""
    if name == "language" and n < 3:
        return {"language": ("en", "ru", None)[n]}
    if name == "timezone" and n < len(_ZONES):
        return {"timezone": _ZONES[n]}
    if name == "quiet" and n <= len(_QUIET):
        start, end = _QUIET[n] if n < len(_QUIET) else (None, None)
        return {"quiet_from": start, "quiet_until": end}
    if name == "digest" and n < 24:
        return {"digest_hour": n}
    if name == "mute" and n <= len(_MUTES):
        return {"muted_until": now + dt.timedelta(hours=_MUTES[n]) if n < len(_MUTES) else None}
    return None


def _hour(hour: int | None) -> str:
    return f"{hour or 0:02}:00"


def _moment(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _rows(buttons: Sequence[Button], across: int) -> list[Sequence[Button]]:
    return [buttons[start : start + across] for start in range(0, len(buttons), across)]
