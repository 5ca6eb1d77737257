"""bot -> storage -> retrieval, and one home for each outside library: read from the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for package in ("bot", "storage", "retrieval") for path in (ROOT / package).rglob("*.py"))
HOMES = {
    "telegram": ("bot/",),
    "rich": ("bot/",),
    "babel": ("bot/",),
    "matplotlib": ("bot/",),
    "dotenv": ("bot/__main__.py",),
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "httpx": ("storage/sources/", "bot/transport.py", "bot/verdicts.py"),
    "httpcore": ("storage/sources/",),
    "aiohttp": ("bot/transport.py", "bot/verdicts.py"),
    "feedparser": ("storage/sources/",),
    "trafilatura": ("storage/sources/",),
    "htmldate": ("storage/sources/",),
    "lxml": ("storage/sources/",),
    "rank_bm25": ("retrieval/ranker.py",),
    "pymilvus": ("retrieval/milvus.py",),
    "grpc": ("retrieval/milvus.py",),
}
# Pure: no network, database, clock, environment, other processes.
BARRED_FROM_RETRIEVAL = frozenset(
    ("asyncpg", "aiosqlite", "sqlite3", "socket", "urllib", "http", "subprocess", "time", "requests", "aiohttp")
)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module or name that the file imports, anywhere in it, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def stray(place: str, imported: str) -> str | None:
    """Why the file must not import this; None when it may."""
    top, package = imported.split(".")[0], place.split("/")[0]
    if package == "storage" and top == "bot":
        return "storage does not know the bot"
    if package == "retrieval" and top in ("bot", "storage"):
        return f"retrieval does not know {top}"
    allowed = ("retrieval.types", "retrieval.reading")
    if package == "storage" and top == "retrieval" and not f"{imported}.".startswith(tuple(f"{a}." for a in allowed)):
        return "storage knows only retrieval.types and retrieval.reading"
    if package == "retrieval" and top in BARRED_FROM_RETRIEVAL:
        return "retrieval is pure"
    homes = HOMES.get(top)
    if homes and not place.startswith(homes):
        return f"the home of {top} is {' and '.join(homes)}"
    return None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way_and_libraries_stay_at_home(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    strays = [
        f"{place}:{line}: imports {name}: {why}"
        for line, name in imports(path)
        if (why := stray(place, name)) is not None
    ]

    assert not strays


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_environment_is_read_in_one_place(path: Path) -> None:
    if path == ROOT / "bot/__main__.py":
        return
    source = ast.parse(path.read_text(encoding="utf-8"))
    reads = [
        node.lineno
        for node in ast.walk(source)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb", "putenv")
    ]
    imported = [line for line, name in imports(path) if name in ("os.environ", "os.getenv")]

    assert not reads + imported


def test_a_stray_import_would_be_named() -> None:
    assert stray("retrieval/index.py", "storage.models.Row") == "retrieval does not know storage"
    assert stray("storage/articles.py", "bot.views") == "storage does not know the bot"
    assert stray("storage/articles.py", "retrieval.analysis.Analyzer")
    assert stray("bot/views.py", "sqlalchemy.select") == "the home of sqlalchemy is storage/"
    assert stray("retrieval/index.py", "rank_bm25.BM25Okapi") == "the home of rank_bm25 is retrieval/ranker.py"
    assert stray("storage/articles.py", "retrieval.types.Article") is None
    assert stray("storage/articles.py", "retrieval.reading.read") is None
