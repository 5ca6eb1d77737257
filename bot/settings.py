"""Every setting: its name in the environment, its default, its unit."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

TELEGRAM_API_URL = "https://api.telegram.org"


class SettingsError(ValueError):
    """One or more settings are wrong; the message names every one and what to change."""


class Secret:
    """Text that shows as stars wherever it is printed; `reveal()` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__


def _list(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())


def _ids(value: str) -> frozenset[int]:
    try:
        return frozenset(int(item) for item in _list(value))
    except ValueError:
        raise ValueError("must be Telegram ids (whole numbers) separated by commas") from None


def _networks(value: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(item) for item in _list(value))
    except ValueError:
        raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from None


def _positive(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise ValueError("must be a number above 0")
    return number


def _days(value: str) -> int:
    if not value.isdecimal() or int(value) > 36500:
        raise ValueError("must be a whole number of days")
    return int(value)


def _count(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 1_000_000:
        raise ValueError("must be a whole number above 0")
    return int(value)


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ValueError("must be a port, 1 to 65535")
    return int(value)


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


def search_place(address: str) -> tuple[str, str, str]:
    """The parts of SEARCH_URL: address, "name:password" or token, database. Raises: ValueError; it repeats nothing."""
    if address.endswith(".db") and "://" not in address:
        return address, "", ""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be the address of a Milvus server, such as http://host:19530, or a file name in .db")
    token = ":".join(unquote(part) for part in (parts.username, parts.password) if part)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}", token, parts.path.strip("/")


def _search_address(value: str) -> Secret:
    search_place(value)
    return Secret(value)


def _one_of(*names: str) -> Callable[[str], str]:
    def cast(value: str) -> str:
        chosen = {name.lower(): name for name in names}.get(value.lower())
        if chosen is None:
            raise ValueError(f"must be one of {', '.join(names)}")
        return chosen

    return cast


def _setting(cast: Callable[[str], Any], default: Any) -> Any:
    return field(default=default, metadata={"cast": cast})


@dataclass(frozen=True)
class Settings:
    """What the operator chose; field names are the settings' names in lower case."""

    telegram_bot_token: Secret = _setting(Secret, Secret(""))
    telegram_api_url: str = _setting(_web_address, TELEGRAM_API_URL)
    database_url: Secret = _setting(Secret, Secret("sqlite+aiosqlite:///data/quotewire.db"))
    index_dir: Path = _setting(Path, Path("data/index"))
    search_url: Secret = _setting(_search_address, Secret(""))
    admin_ids: frozenset[int] = _setting(_ids, frozenset())
    allowed_ids: frozenset[int] = _setting(_ids, frozenset())
    sources: tuple[str, ...] = _setting(_list, ("articles/",))
    poll_interval_s: float = _setting(_positive, 300.0)
    alert_max_age_days: int = _setting(_days, 7)
    fetch_allow: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = _setting(_networks, ())
    ask_rate_user_min: float = _setting(_positive, 20.0)
    subscriptions_user_max: int = _setting(_count, 50)
    send_rate_s: float = _setting(_positive, 25.0)
    send_rate_chat_s: float = _setting(_positive, 1.0)
    send_rate_group_min: float = _setting(_positive, 18.0)
    webhook_url: str | None = _setting(_web_address, None)
    webhook_secret: Secret = _setting(Secret, Secret(""))
    webhook_port: int = _setting(_port, 8443)
    health_port: int | None = _setting(_port, None)
    log_level: str = _setting(_one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
    log_format: str = _setting(_one_of("text", "json"), "text")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """The settings in `environment`. Set but empty counts as set, and is the default where a value is needed.

        Raises: SettingsError that names all faults at once; secrets are never in it.
        """
        values: dict[str, Any] = {}
        faults: list[str] = []
        for item in fields(cls):
            name = item.name.upper()
            given = environment.get(name)
            if given is None or (given.strip() == "" and item.metadata["cast"] not in (_list, _ids, _networks, Secret)):
                continue
            try:
                values[item.name] = item.metadata["cast"](given.strip())
            except ValueError as error:
                faults.append(f"{name} {error}")
        if values.get("database_url") is not None and not values["database_url"]:
            del values["database_url"]
        if values.get("webhook_url") and not values.get("webhook_secret"):
            faults.append("WEBHOOK_URL needs WEBHOOK_SECRET: set it to a long random text")
        if faults:
            raise SettingsError("; ".join(faults))
        return cls(**values)
