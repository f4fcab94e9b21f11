"""The lock file serves everybody: hashes for all, and no address of anybody."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
HOTKEY = (ROOT / "requirements-hotkey.lock").read_text(encoding="utf-8")


def _name(text: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0].lower().replace("_", "-")


def _blocks(lock: str = LOCK) -> list[str]:
    return re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", lock, flags=re.MULTILINE | re.DOTALL)


def test_every_package_is_pinned_with_hashes() -> None:
    assert len(_blocks()) > 50
    for block in (*_blocks(), *_blocks(HOTKEY)):
        assert re.match(r"[a-z0-9._-]+==\S+ ", block)
        assert "--hash=sha256:" in block


def test_it_holds_no_address() -> None:
    for lock in (LOCK, HOTKEY):
        assert not re.search(r"://|--index|--extra-index|--find-links|file:|(?<!\w)/\w+/", lock)


def test_it_holds_whatever_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {_name(line) for line in project["dependencies"]}
    wanted |= {_name(line) for line in project["optional-dependencies"]["dev"]}
    assert wanted <= {_name(block) for block in _blocks()}
    wanted = {_name(line) for line in project["optional-dependencies"]["hotkey"]}
    assert wanted <= {_name(block) for block in _blocks(HOTKEY)}


def test_it_leaves_out_what_has_no_wheels() -> None:
    assert "tflite-runtime" not in {_name(block) for block in _blocks()}
