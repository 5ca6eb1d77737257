"""`python -m bot`, the same as `quotewire`: the one place that reads the environment."""

from __future__ import annotations

import os
import sys

from dotenv import dotenv_values

from bot.cli import run


def main() -> int:
    """Runs the command line; gives its exit status. The environment wins over `.env`."""
    os.environ.setdefault("PTB_TIMEDELTA", "1")  # else python-telegram-bot warns at every 429
    from_file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return run(sys.argv[1:], {**from_file, **os.environ})


if __name__ == "__main__":
    sys.exit(main())
