"""What there is, is documented; what users read is there in every language."""

from __future__ import annotations

import argparse
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from bot.cli import parser
from bot.handlers import COMMANDS
from bot.settings import Secret, Settings
from bot.texts import languages

ROOT = Path(__file__).parent.parent
SETTINGS = [field.name.upper() for field in fields(Settings)]
TEXTS = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "bot/texts").glob("*.toml")}


def documentation() -> str:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages if page.exists())


def cli_commands() -> list[str]:
    tables = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return [name for table in tables for name in table.choices]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_bot_command_is_documented(command: Any) -> None:
    assert re.search(rf"`/{command.name}\b", documentation())


@pytest.mark.parametrize("name", cli_commands())
def test_every_command_of_the_command_line_is_documented(name: str) -> None:
    assert re.search(rf"quotewire {name}\b", documentation())


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in documentation()


def test_the_example_environment_has_a_line_for_every_setting_with_its_default() -> None:
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    example = dict(lines)

    assert sorted(example) == sorted(SETTINGS)
    assert shown(Settings.read(example)) == shown(Settings())


def shown(settings: Settings) -> dict[str, Any]:
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in values.items()}


def entries(texts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section, content in texts.items():
        for key, text in content.items():
            yield f"{section}.{key}", text


def placeholders(text: Any) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_every_language_has_the_same_texts_with_the_same_values(language: str) -> None:
    english, other = dict(entries(TEXTS["en"])), dict(entries(TEXTS[language]))

    assert sorted(other) == sorted(english)
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", languages())
def test_plurals_have_the_forms_of_their_language(language: str) -> None:
    rules = Locale.parse(language).plural_form
    forms = {"other", *rules.tags}
    plurals = {key: set(text) for key, text in entries(TEXTS[language]) if isinstance(text, dict)}

    assert plurals == dict.fromkeys(plurals, forms)


@pytest.mark.parametrize("language", languages())
def test_every_text_is_html_that_telegram_takes(language: str) -> None:
    from tests.botapi.html import parse_html

    for key, text in entries(TEXTS[language]):
        for form in text.values() if isinstance(text, dict) else [text]:
            parsed, _, dropped = parse_html(form)
            assert parsed, key
            assert not dropped, key
