"""The one way out to the network: guarded, so that no address that others wrote can be turned against the operator.

The address that was checked is the address that is connected to: names are resolved here, each address is checked,
and the connection is opened to that number. So a name that changes its address between check and use gains nothing,
and every redirect passes the same door. Proxies of the environment are not used: behind one nothing could be checked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Self

import httpcore
import httpx

from storage.exceptions import FetchError, FetchRefused
from storage.sources.addresses import PORTS, Network, allowed, kind_of, parse_url
from storage.sources.inflate import Inflater, TooLong

USER_AGENT = f"Quotewire/{version('quotewire')} (+news quote bot)"
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_CONNECT_S = 8.0  # to one address, so that a dead one leaves time for the next
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class FetchLimits:
    """What one fetch may cost, redirects and all."""

    total_s: float = 30.0
    body_bytes: int = 15 * 2**20  # after decompression, and also before
    redirects: int = 5


@dataclass(frozen=True)
class Fetched:
    """An answer. The body is empty unless the status is 200."""

    url: str  # where it came from, after redirects
    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes = b""


async def resolve(host: str, port: int) -> Sequence[str]:
    """The host's addresses, in the system's order of preference. Raises: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in found]


class Fetcher:
    """`async with Fetcher() as fetcher: await fetcher.fetch(address)`. Many tasks may share one."""

    def __init__(
        self,
        *,
        allow: Sequence[Network] = (),
        limits: FetchLimits = FetchLimits(),
        resolver: Resolver = resolve,
    ) -> None:
        """`allow`: networks that may be fetched from, on any port, although they are not public."""
        self._limits = limits
        self._allow = tuple(allow)
        self._resolver = resolver
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def _pool(self, scheme: str) -> httpcore.AsyncConnectionPool:
        """Made when it is first needed: reading the certificates takes a moment."""
        if scheme not in self._pools:
            self._pools[scheme] = httpcore.AsyncConnectionPool(
                # The system's certificates, or those of SSL_CERT_FILE: OpenSSL reads that variable itself.
                ssl_context=ssl.create_default_context(),
                max_connections=32,
                keepalive_expiry=10.0,
                network_backend=_GuardedBackend(PORTS[scheme], self._allow, self._resolver),
            )
        return self._pools[scheme]

    def is_allowed(self, address: str) -> bool:
        """Whether the operator opened a network to which this literal address belongs."""
        try:
            return allowed(ipaddress.ip_address(address), self._allow)
        except ValueError:
            return False

    async def fetch(self, address: str, headers: Mapping[str, str] = {}) -> Fetched:
        """What the address answers, whatever its status, after at most `limits.redirects` redirects.

        Raises: FetchRefused when a rule forbids it, FetchError when nothing came; each one line.
        """
        try:
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(address, headers)
        except TimeoutError:
            raise FetchError(f"took longer than {self._limits.total_s:g} s") from None

    async def _follow(self, address: str, headers: Mapping[str, str]) -> Fetched:
        url = _parsed(address)
        for _ in range(self._limits.redirects + 1):
            answer = await self._once(url, headers)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None:
                return answer
            try:
                onward = _parsed(str(url.join(target.strip())))
            except (httpx.InvalidURL, ValueError) as error:
                raise FetchError(f"redirects to what is no web address: {error}") from error
            if url.scheme == "https" and onward.scheme == "http":
                raise FetchRefused("redirects from https to http, which is not followed")
            url = onward
        raise FetchRefused(f"redirects more than {self._limits.redirects} times")

    async def _once(self, url: httpx.URL, headers: Mapping[str, str]) -> Fetched:
        sent = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": USER_AGENT,
            "Accept": "application/rss+xml, application/atom+xml, text/html;q=0.9, */*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            **headers,
        }
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            async with self._pool(url.scheme).stream("GET", target, headers=list(sent.items())) as response:
                answer = Fetched(str(url), response.status, httpx.Headers(response.headers))
                if response.status != 200:
                    return answer
                return Fetched(answer.url, answer.status, answer.headers, await self._body(response, answer))
        except httpcore.ConnectError as error:
            raise FetchError(_connect_words(url.host, error)) from error
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            raise FetchError(f"the connection to {url.host} broke: {_one_line(error)}") from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise FetchError(f"{url.host} does not speak HTTP as it should: {_one_line(error)}") from error
        except ValueError as error:  # from the TLS library, for names that no host can have
            raise FetchError(f"not a host name that can be reached: {_one_line(error)}") from error

    async def _body(self, response: httpcore.Response, answer: Fetched) -> bytes:
        limit = self._limits.body_bytes
        too_long = FetchRefused(f"is longer than {limit / 2**20:.3g} MiB")
        declared = answer.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > limit:
            raise too_long
        coding = answer.headers.get("content-encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise FetchError(f"is compressed in a way that was not asked for: {coding[:40]}")
        inflater = Inflater(limit) if coding not in ("", "identity") else None
        body, received = bytearray(), 0
        try:
            async for chunk in response.aiter_stream():
                received += len(chunk)
                if received > limit:
                    raise too_long
                body += inflater.feed(chunk) if inflater else chunk
        except TooLong:
            raise too_long from None
        if inflater and body and not inflater.complete:
            raise FetchError("the compressed bytes are cut off")
        return bytes(body)


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses alone."""

    def __init__(self, port: int, allow: Sequence[Network], resolver: Resolver) -> None:
        self._port = port  # the one that may be used outside the operator's own networks
        self._allow = allow
        self._resolver = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature of httpcore)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = list(dict.fromkeys(await self._resolver(host, port)))
        except (OSError, UnicodeError) as error:
            raise FetchError(f"the name {host} is not known: {_one_line(error)}") from error
        refusals = {address: self._refusal(host, address, port) for address in found}
        usable = [address for address, refusal in refusals.items() if refusal is None]
        if not usable:
            raise FetchRefused(next(iter(refusals.values()), None) or f"the name {host} has no address")
        for address in usable[:4]:
            try:
                return await self._inner.connect_tcp(address, port, _CONNECT_S, None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise httpcore.ConnectError(str(failure) or "no answer") from failure

    def _refusal(self, host: str, address: str, port: int) -> str | None:
        try:
            number = ipaddress.ip_address(address)
        except ValueError:
            return f"{host} has an address that is none"
        if allowed(number, self._allow):
            return None
        shown = address if host == address else f"{host} ({address})"
        if (kind := kind_of(number)) != "public":
            return f"{shown} is a {kind} address: only public ones are fetched, unless FETCH_ALLOW names its network"
        if port != self._port:
            return f"port {port} is not fetched from: only http on 80 and https on 443"
        return None


def _parsed(address: str) -> httpx.URL:
    try:
        return parse_url(address)
    except ValueError as error:
        raise FetchRefused(str(error)) from error


def _connect_words(host: str, error: Exception) -> str:
    told = _one_line(error)
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return f"the certificate of {host} is not trusted ({told}); SSL_CERT_FILE can name further ones"
    return f"cannot connect to {host}: {told}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
