from __future__ import annotations

import asyncio
import gzip
import ipaddress
import ssl
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from storage.exceptions import FetchError, FetchRefused
from storage.sources.fetch import Fetcher, FetchLimits
from tests.storage.site import Request, Site, redirect, reply

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
CERTIFICATE = Path(__file__).parents[1] / "localhost.pem"


def resolving(answers: dict[str, list[list[str]]]) -> Callable[[str, int], object]:
    """A resolver that gives a name's answers one after the other, the last one for ever; else what is asked."""

    async def resolver(host: str, port: int) -> Sequence[str]:
        told = answers.get(host, [[host]])
        return told.pop(0) if len(told) > 1 else told[0]

    return resolver


async def test_a_body_comes_with_its_status_headers_and_final_address() -> None:
    routes = {"/": redirect("/feed"), "/feed": reply("<rss/>", ETag='"1"', Content_Type="text/xml; charset='KOI8-R'")}
    async with Site(routes) as site, Fetcher(allow=LOOPBACK) as fetcher:
        got = await fetcher.fetch(site.url(), {"If-None-Match": '"0"'})
    assert (got.url, got.status, got.body) == (site.url("/feed"), 200, b"<rss/>")
    assert got.headers["etag"] == '"1"'
    sent = site.requests[1].headers
    assert sent["user-agent"].startswith("Quotewire/")
    assert sent["if-none-match"] == '"0"'
    assert sent["host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize("status", [304, 404, 410, 429, 500])
async def test_other_statuses_are_told_without_their_bodies(status: int) -> None:
    answer = reply("" if status == 304 else "sorry", status, Retry_After="7")
    async with Site({"/": answer}) as site, Fetcher(allow=LOOPBACK) as fetcher:
        got = await fetcher.fetch(site.url())
    assert (got.status, got.body, got.headers["Retry-After"]) == (status, b"", "7")


# Where nobody may be led


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0.0.0.0", "127.1"])  # noqa: S104
async def test_loopback_is_refused_however_it_is_written_and_nothing_is_sent(host: str) -> None:
    async with Site({"/": reply("secret")}) as site, Fetcher() as fetcher:
        with pytest.raises(FetchRefused) as caught:
            await fetcher.fetch(f"http://{host}:{site.port}/")
    assert site.connections == 0
    assert "FETCH_ALLOW" in str(caught.value) or "not a web address" in str(caught.value)


@pytest.mark.parametrize(
    "target",
    [
        *("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/", "http://0.0.0.0/"),
        *("http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[fd00:ec2::254]/"),
        *("http://[fe80::1]/", "http://192.168.0.1:8080/", "http://167772161/", "http://inside.example/"),
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    resolver = resolving({"inside.example": [["10.0.0.7"]], "167772161": [["10.0.0.1"]]})
    async with Site({"/": redirect(target)}) as site, Fetcher(allow=LOOPBACK, resolver=resolver) as fetcher:  # type: ignore[arg-type]
        with pytest.raises(FetchRefused, match="FETCH_ALLOW"):
            await fetcher.fetch(site.url())


async def test_the_address_checked_is_the_one_connected_to_when_a_name_changes_between_looks() -> None:
    """Rebinding: the first look gives a harmless network, every later one the loopback."""
    harmless = [ipaddress.ip_network("127.0.0.2/32")]
    resolver = resolving({"rebind.example": [["127.0.0.2"], ["127.0.0.1"]]})
    async with Site({"/": reply("secret")}) as site, Fetcher(allow=harmless, resolver=resolver) as fetcher:  # type: ignore[arg-type]
        with pytest.raises(FetchError, match="cannot connect"):  # nobody listens on 127.0.0.2
            await fetcher.fetch(f"http://rebind.example:{site.port}/")
        with pytest.raises(FetchRefused, match="loopback"):
            await fetcher.fetch(f"http://rebind.example:{site.port}/")
    assert site.connections == 0


async def test_of_a_name_with_public_and_private_addresses_only_the_public_ones_are_tried() -> None:
    resolver = resolving({"mixed.example": [["10.0.0.1", "127.0.0.1"]]})
    async with Site({"/": reply("fine")}) as site, Fetcher(allow=LOOPBACK, resolver=resolver) as fetcher:  # type: ignore[arg-type]
        assert (await fetcher.fetch(f"http://mixed.example:{site.port}/")).body == b"fine"


@pytest.mark.parametrize(
    "url", ["http://public.example:8080/", "https://public.example:80/", "http://public.example:443/"]
)
async def test_other_ports_than_those_of_the_web_are_refused_outside_allowed_networks(url: str) -> None:
    async with Fetcher(resolver=resolving({"public.example": [["8.8.8.8"]]})) as fetcher:  # type: ignore[arg-type]
        with pytest.raises(FetchRefused, match=r"port \d+"):
            await fetcher.fetch(url)


@pytest.mark.parametrize("target", ["ftp://example.org/", "file:///etc/passwd", "http://a:b@127.0.0.1/", "http://[::1"])
async def test_a_redirect_to_what_is_no_plain_web_address_ends_there(target: str) -> None:
    async with Site({"/": redirect(target)}) as site, Fetcher(allow=LOOPBACK) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(site.url())


async def test_a_name_that_nobody_knows_is_told_in_one_line() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async with Fetcher(resolver=unknown) as fetcher:
        with pytest.raises(FetchError, match=r"the name nowhere\.example is not known"):
            await fetcher.fetch("http://nowhere.example/")


async def test_redirects_are_counted() -> None:
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)} | {"/6": reply("far"), "/loop": redirect("/loop")}
    async with Site(routes) as site, Fetcher(allow=LOOPBACK) as fetcher:
        assert (await fetcher.fetch(site.url("/1"))).body == b"far"
        with pytest.raises(FetchRefused, match="more than 5"):
            await fetcher.fetch(site.url("/0"))
        before = len(site.requests)
        with pytest.raises(FetchRefused, match="more than 5"):
            await fetcher.fetch(site.url("/loop"))
        assert len(site.requests) - before == 6


async def test_https_is_checked_against_the_given_certificates_and_never_left_for_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    both = [*LOOPBACK, ipaddress.ip_network("::1/128")]
    async with Site({"/": reply("plain")}) as plain:
        routes = {"/": reply("safe"), "/down": redirect(plain.url())}
        async with Site(routes, tls=context) as site:
            async with Fetcher(allow=both) as fetcher:
                with pytest.raises(FetchError, match="certificate of localhost is not trusted"):
                    await fetcher.fetch(site.url())
            monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
            async with Fetcher(allow=both) as fetcher:
                assert (await fetcher.fetch(site.url())).body == b"safe"
                with pytest.raises(FetchRefused, match="https to http"):
                    await fetcher.fetch(site.url("/down"))
        assert plain.connections == 0


# What would never end, or would fill the memory

SMALL = FetchLimits(total_s=0.5, body_bytes=1 << 20)


async def endless_body(request: Request, writer: asyncio.StreamWriter) -> None:
    length = "Content-Length: 10000000000\r\n" if request.path == "/declared" else ""
    writer.write(f"HTTP/1.1 200 OK\r\n{length}\r\n".encode())
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def endless_headers(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: and more\r\n" * 500)
        await writer.drain()


async def endless_hints(request: Request, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def drip(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(("path", "word"), [("/declared", "longer than 1 MiB"), ("/", "longer than 1 MiB")])
async def test_a_body_without_end_is_cut(path: str, word: str) -> None:
    limits = FetchLimits(body_bytes=1 << 20)
    async with Site({path: endless_body}) as site, Fetcher(allow=LOOPBACK, limits=limits) as fetcher:
        with pytest.raises(FetchRefused, match=word):
            await fetcher.fetch(site.url(path))


@pytest.mark.parametrize("answer", [drip, silence, endless_hints])
async def test_an_answer_that_takes_its_time_meets_the_deadline(answer: Callable[..., object]) -> None:
    async with Site({"/": answer}) as site, Fetcher(allow=LOOPBACK, limits=SMALL) as fetcher:  # type: ignore[dict-item]
        with pytest.raises(FetchError, match=r"longer than 0\.5 s"):
            await fetcher.fetch(site.url())


async def test_redirects_share_one_deadline() -> None:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(redirect("/"))

    async with Site({"/": slow}) as site, Fetcher(allow=LOOPBACK, limits=SMALL) as fetcher:
        with pytest.raises(FetchError, match=r"longer than 0\.5 s"):
            await fetcher.fetch(site.url())
    assert len(site.requests) <= 3


async def test_headers_without_end_are_an_error_before_they_fill_anything() -> None:
    async with Site({"/": endless_headers}) as site, Fetcher(allow=LOOPBACK) as fetcher:
        with pytest.raises(FetchError, match="does not speak HTTP as it should"):
            await fetcher.fetch(site.url())


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


async def test_a_decompression_bomb_is_cut_without_filling_the_memory() -> None:
    routes = {"/": reply(bomb(200), Content_Encoding="gzip")}
    async with Site(routes) as site, Fetcher(allow=LOOPBACK) as fetcher:
        tracemalloc.start()
        try:
            with pytest.raises(FetchRefused, match="longer than 15 MiB"):
                await fetcher.fetch(site.url())
            assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
        finally:
            tracemalloc.stop()


async def test_compressed_bodies_are_read_in_every_form_that_was_asked_for() -> None:
    text = "Слово за слово. " * 1000
    raw = zlib.compressobj(wbits=-15)
    forms = {
        "/gzip": ("gzip", gzip.compress(text.encode())),
        "/parts": ("x-gzip", gzip.compress(text[:100].encode()) + gzip.compress(text[100:].encode()) + b"\0\0"),
        "/zlib": ("deflate", zlib.compress(text.encode())),
        "/raw": ("deflate", raw.compress(text.encode()) + raw.flush()),
    }
    routes = {path: reply(body, Content_Encoding=coding) for path, (coding, body) in forms.items()}
    async with Site(routes) as site, Fetcher(allow=LOOPBACK) as fetcher:
        for path in forms:
            assert (await fetcher.fetch(site.url(path))).body.decode() == text


@pytest.mark.parametrize(
    ("body", "coding", "word"),
    [
        (gzip.compress(b"x" * 1000)[:-9], "gzip", "cut off"),
        (b"not gzip at all", "gzip", "broken"),
        (b"\x0b\x02\x80", "br", "not asked for: br"),
    ],
)
async def test_broken_compression_is_an_error_in_words(body: bytes, coding: str, word: str) -> None:
    async with Site({"/": reply(body, Content_Encoding=coding)}) as site, Fetcher(allow=LOOPBACK) as fetcher:
        with pytest.raises(FetchError, match=word):
            await fetcher.fetch(site.url())


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"])
async def test_a_server_that_breaks_off_is_told_in_one_line(answer: bytes) -> None:
    async with Site({"/": answer}) as site, Fetcher(allow=LOOPBACK) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(site.url())
    assert "\n" not in str(caught.value)
    assert str(caught.value)
