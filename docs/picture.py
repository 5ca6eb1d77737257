"""Draws docs/chat.svg: the terminal chat answering from articles/, as it really answers. `python docs/picture.py`"""

from __future__ import annotations

import asyncio
import io
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from bot.chat import reply
from bot.services import open_services
from bot.settings import Settings
from bot.terminal import print_message

ROOT = Path(__file__).parent.parent
QUESTIONS = (
    "What did Minister Veldhuis say about herring quotas?",
    "Что сказал министр о квотах на сельдь?",
    "Who won the football match?",
)
# Rich's own frame names a web font; a picture in a README should fetch nothing. 1238: 100 columns, and 9 at each side.
FRAME = """<svg class="rich-terminal" viewBox="0 0 1238 {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="1238" height="{height}" rx="8" fill="#1e1e1e"/>
<g transform="translate(9, 9)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


async def main() -> None:
    console = Console(file=io.StringIO(), record=True, width=100, force_terminal=True, highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.read(
            {
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/quotewire.db",
                "INDEX_DIR": f"{folder}/index",
                "SOURCES": str(ROOT / "articles"),
            }
        )
        async with open_services(settings) as services:
            await services.load()
            for question in QUESTIONS:
                console.print(f"> {question}", style="bold")
                print_message((await reply(services, question)).text, console)
                console.print()
    console.save_svg(str(ROOT / "docs" / "chat.svg"), theme=MONOKAI, code_format=FRAME, title="quotewire chat")


if __name__ == "__main__":
    asyncio.run(main())
