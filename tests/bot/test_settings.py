"""Settings come from a mapping, are cast once, and all faults are told together."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError


def test_nothing_set_gives_every_default():
    settings = Settings.read({})

    assert settings.sources == ("articles/",)
    assert settings.index_dir == Path("data/index")
    assert settings.poll_interval_s == 300
    assert not settings.telegram_bot_token


def test_set_but_empty_counts_as_set():
    settings = Settings.read({"SOURCES": "", "TELEGRAM_BOT_TOKEN": " ", "HEALTH_PORT": "", "POLL_INTERVAL_S": ""})

    assert settings.sources == ()
    assert not settings.telegram_bot_token
    assert settings.health_port is None
    assert settings.poll_interval_s == 300


def test_lists_ids_and_networks_are_read():
    settings = Settings.read(
        {"SOURCES": "a, https://example.org/feed ,", "ADMIN_IDS": "7, -100123", "FETCH_ALLOW": "127.0.0.0/8,::1/128"}
    )

    assert settings.sources == ("a", "https://example.org/feed")
    assert settings.admin_ids == {7, -100123}
    assert settings.fetch_allow == (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def test_all_faults_are_told_together():
    with pytest.raises(SettingsError) as caught:
        Settings.read({"ADMIN_IDS": "me", "HEALTH_PORT": "99999", "LOG_LEVEL": "loud", "SEND_RATE_S": "-1"})

    for name in ("ADMIN_IDS", "HEALTH_PORT", "LOG_LEVEL", "SEND_RATE_S"):
        assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_webhook_without_a_secret_is_refused():
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET"):
        Settings.read({"WEBHOOK_URL": "https://bot.example.org/hook"})


@pytest.mark.parametrize("number", ["nan", "inf", "0", "ten", ""])
def test_a_rate_is_a_number_above_zero_or_the_default(number: str):
    if number == "":
        assert Settings.read({"SEND_RATE_S": number}).send_rate_s == 25
    else:
        with pytest.raises(SettingsError):
            Settings.read({"SEND_RATE_S": number})


def test_secrets_are_starred_wherever_settings_are_printed():
    settings = Settings.read(
        {
            "TELEGRAM_BOT_TOKEN": "123:abc-token",
            "DATABASE_URL": "postgresql+asyncpg://me:hunter2@db/quotes",
            "WEBHOOK_URL": "https://bot.example.org",
            "WEBHOOK_SECRET": "s3cr3t",
        }
    )

    for text in (repr(settings), str(settings), f"{settings.telegram_bot_token}"):
        assert not any(secret in text for secret in ("abc-token", "hunter2", "s3cr3t"))
    assert settings.telegram_bot_token.reveal() == "123:abc-token"


def test_a_fault_in_a_secret_setting_does_not_print_it():
    with pytest.raises(SettingsError) as caught:
        Settings.read({"TELEGRAM_API_URL": "ftp://x", "TELEGRAM_BOT_TOKEN": "123:abc-token"})

    assert "abc-token" not in str(caught.value)
