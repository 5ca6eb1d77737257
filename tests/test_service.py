"""The systemd unit is one that systemd takes, and says what the program says of itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "docs/quotewire.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_unit_without_a_word(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    installed = "/opt/quotewire/.venv/bin/quotewire"
    text = UNIT.read_text(encoding="utf-8")
    assert installed in text
    unit.write_text(text.replace(installed, sys.executable), encoding="utf-8")  # it looks whether the program is there

    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)  # noqa: S603, S607

    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_it_stops_within_the_time_that_systemd_gives() -> None:
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)

    assert int(seconds) > 10  # which is what `quotewire run` promises
