"""Serving a model: by the script in the checkout, with either of two programs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT
from tests.fakes.website import closed_port

SCRIPT = ROOT / "start_llama_server.sh"
SMALL = "smollm2-135m-instruct-q4_1"
STAND_IN = f"""#!{sys.executable}
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print(options["--ctx-size"], options["--parallel"], flush=True)
if options["--model"].endswith("broken.gguf"):
    sys.exit(1)
HTTPServer((options["--host"], int(options["--port"])), Handler).serve_forever()
"""
"""What stands in for llama.cpp's own program: as far as we use it, it is an option parser."""


def _environment(*folders: Path) -> Mapping[str, str]:
    path = [*map(str, folders), str(Path(sys.executable).parent), "/usr/bin", "/bin"]
    return {**os.environ, "PATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _started(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The script, ready, and what it said until then."""
    with subprocess.Popen(
        [str(SCRIPT), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        try:
            said = ""
            assert process.stdout is not None
            while "Ready at" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield process, said
        finally:
            process.kill()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with a program called llama-server."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "llama-server").write_text(STAND_IN, encoding="utf-8")
    (folder / "llama-server").chmod(0o755)
    return folder


@pytest.mark.models
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_script_serves_a_model_until_it_is_told_to_stop(
    models_dir: Path, how: signal.Signals
) -> None:
    (model,) = (models_dir / SMALL).glob("*.gguf")
    arguments = [str(model), "--port", "0", "--slots", "3", "--set", "llm.context_tokens=512"]
    with _started(arguments, _environment()) as (process, said):
        found = re.search(r"Ready at (http://127\.0\.0\.1:\d+) \(xllamacpp\)", said)
        assert found, said
        assert "3 requests at once, 512 tokens each" in said
        slots = httpx2.get(f"{found[1]}/slots", trust_env=False).json()
        assert [slot["n_ctx"] for slot in slots] == [512] * 3
        process.send_signal(how)
        assert process.wait(20) == 0


@pytest.mark.models
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_while_it_loads_it_does(models_dir: Path, how: signal.Signals) -> None:
    (model,) = (models_dir / SMALL).glob("*.gguf")
    with subprocess.Popen(
        [str(SCRIPT), str(model), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=_environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Loading")
        process.send_signal(how)
        try:
            assert process.wait(20) != 0
        finally:
            process.kill()


def test_llama_cpps_own_program_is_used_where_it_is_installed(
    program: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    port = closed_port()
    arguments = [str(model), "--port", str(port), "--set", "llm.context_tokens=1000"]
    with _started(arguments, _environment(program)) as (process, said):
        assert "4000 4" in said
        assert f"http://127.0.0.1:{port}" in said
        assert str(program / "llama-server") in said
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"http://127.0.0.1:{port}/health", trust_env=False)


def _fails(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    ended = subprocess.run(
        [str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout + ended.stderr


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, said = _fails([str(tmp_path / "gone.gguf")], _environment())

    assert code == 3
    assert "gone.gguf is not there" in said
    assert "Loading" not in said, "it is looked at first"


@pytest.mark.parametrize("installed", [True, False])
def test_a_model_that_is_none_is_refused(program: Path, tmp_path: Path, *, installed: bool) -> None:
    model = tmp_path / "broken.gguf"
    model.write_bytes(b"GGUF" + bytes(64))
    arguments = [str(model), "--port", str(closed_port())]
    environment = _environment(program) if installed else _environment()
    code, said = _fails(arguments, environment)

    assert code == 1
    assert "broken.gguf" in said
