"""The HTTP side: addresses, request bodies, the envelope of answers, faults, and a record of every request."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from tests.botapi import methods
from tests.botapi.errors import ApiError, Fault, too_many
from tests.botapi.people import Group, User

T = TypeVar("T")
TOKEN = "1234567:stand-in-token-of-the-tests"
PATIENCE_S = 8.0  # how long a test waits for something that should come at once
PARSED = frozenset(
    ("reply_markup", "entities", "link_preview_options", "reply_parameters", "allowed_updates", "commands", "scope",
     "results", "media", "reaction", "button")
)  # fmt: skip


@dataclass
class Request:
    """One call that the bot made, and what it got."""

    method: str
    params: dict[str, Any]
    result: Any = None
    error: ApiError | None = None
    fault: Fault | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)


class BotApi:
    """Telegram, as far as a bot sees it. `async with BotApi() as api:` serves it on `api.url`."""

    def __init__(self, token: str = TOKEN, username: str = "quotewire_bot") -> None:
        self.token = token
        self.me = {
            "id": int(token.split(":")[0]), "is_bot": True, "first_name": "Quotewire", "username": username,
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True,
        }  # fmt: skip
        self.users: dict[int, User] = {}
        self.groups: dict[int, Group] = {}
        self.messages: dict[int, list[dict[str, Any]]] = {}  # by chat, the bot's and the people's, in order
        self.updates: list[dict[str, Any]] = []  # not acknowledged
        self.allowed_updates: list[str] | None = None
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.banned_until = 0.0  # by the monotonic clock: nothing may be sent, to whomever
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}  # by scope as JSON, and language
        self.descriptions: dict[tuple[str, str], str] = {}  # by method, and language
        self.dropped_links: list[str] = []
        self.webhook: str = ""
        self.callback_answers: dict[str, dict[str, Any]] = {}
        self.inline_answers: dict[str, dict[str, Any]] = {}
        self.poller: object = None  # the newest getUpdates
        self.polls = 0
        self._ids: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> BotApi:
        await self.serve()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.vanish()

    async def serve(self, port: int = 0) -> None:
        """Begins to listen; with the port of `self.url` it comes back where it was."""
        application = web.Application(client_max_size=60 << 20)
        application.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def vanish(self) -> None:
        """Stops listening; everything is remembered."""
        if self._runner:
            await self._runner.cleanup()

    def user(self, name: str, *, id: int | None = None, language: str | None = "en") -> User:
        """A person who has not written to the bot yet."""
        user = User(self, id or 1000 + self.next_id("user"), name, language)
        self.users[user.id] = user
        return user

    def group(self, title: str, *, forum: bool = False) -> Group:
        """A supergroup with the bot in it, privacy mode on."""
        group = Group(self, -1001000000000 - self.next_id("group"), title, forum)
        self.groups[group.id] = group
        return group

    def next_id(self, kind: str) -> int:
        self._ids[kind] = self._ids.get(kind, 0) + 1
        return self._ids[kind]

    def queue(self, kind: str, content: dict[str, Any]) -> int:
        """Puts an update before the bot, unless it asked not to get such. Returns its id."""
        update_id = 500 + self.next_id("update")
        unasked = ("chat_member", "message_reaction", "message_reaction_count")
        if kind in self.allowed_updates if self.allowed_updates else kind not in unasked:
            self.updates.append({"update_id": update_id, kind: content})
            self.notify()
        return update_id

    def notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, condition: Callable[[], T], *, what: str = "", timeout_s: float = PATIENCE_S) -> T:
        """The condition's first true value. Raises: AssertionError with the last requests, when it stays false."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (value := condition()):
                    await self._changed.wait()
                return value
        except TimeoutError:
            last = [(r.method, r.params, str(r.error or "")) for r in self.requests if r.method != "getUpdates"][-5:]
            raise AssertionError(f"waited in vain for {what or condition}; the last requests: {last}") from None

    def calls(self, *names: str) -> list[Request]:
        """The requests of these methods, in order."""
        return [request for request in self.requests if request.method in names]

    def copies(self, part: str = "") -> Counter[tuple[int, str]]:
        """How often each chat has each message of the bot that has `part` in it: (chat, text)."""
        return Counter(
            (chat_id, m.get("text", ""))
            for chat_id, messages in self.messages.items()
            for m in messages
            if m["from"]["id"] == self.me["id"] and part in m.get("text", "")
        )

    @property
    def refused(self) -> list[Request]:
        """Calls that Telegram found wrong: what a good bot never has."""
        return [request for request in self.requests if request.error and request.error.status == 400]

    async def _handle(self, http: web.Request) -> web.StreamResponse:
        method = http.match_info["method"]
        if http.match_info["token"] != self.token:
            return _envelope(ApiError(401, "Unauthorized"))
        try:
            params, files = await _read_body(http)
        except ConnectionResetError:  # the bot stops in the middle of a call
            return web.Response()
        request = Request(method, params, files=files)
        if method == "getUpdates":
            self.polls += 1
        else:
            self.requests.append(request)
        fault = next((fault for fault in self.faults if fault.strikes(method, params.get("chat_id"))), None)
        if method.startswith("send") and (left_s := self.banned_until - time.monotonic()) > 0:
            fault = too_many(math.ceil(left_s))
        if fault:
            fault.times -= 1
            request.fault = fault
        try:
            if fault is None or fault.carried_out:
                request.result = await methods.call(self, method, params, files)
        except ApiError as error:
            request.error = error
        self.notify()
        if fault and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault and fault.reset:
            assert http.transport
            http.transport.abort()
            return web.Response()
        if fault and fault.body is not None:
            return web.Response(status=fault.status, text=fault.body, content_type="text/html")
        if fault and fault.status != 200:
            return _envelope(ApiError(fault.status, fault.description, **fault.parameters))
        return _envelope(request.error or request.result)


def _envelope(content: Any) -> web.Response:
    if isinstance(content, ApiError):
        body: dict[str, Any] = {"ok": False, "error_code": content.status, "description": content.description}
        if content.parameters:
            body["parameters"] = content.parameters
        return web.json_response(body, status=content.status)
    return web.json_response({"ok": True, "result": content})


async def _read_body(http: web.Request) -> tuple[dict[str, Any], dict[str, bytes]]:
    params: dict[str, Any] = dict(http.query)
    files: dict[str, bytes] = {}
    if http.content_type == "application/json":
        params |= await http.json()
    elif http.body_exists:
        for name, value in (await http.post()).items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
                params.setdefault(name, value.filename)
            else:
                params[name] = value
    for name in PARSED & params.keys():
        if isinstance(params[name], str):
            params[name] = json.loads(params[name])
    return params, files
