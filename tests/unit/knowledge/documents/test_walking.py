from __future__ import annotations

import os
from pathlib import Path

import pytest

from heisenberg.knowledge.documents.base import Unreadable
from heisenberg.knowledge.documents.reading import MOST_BYTES, read_bytes
from heisenberg.knowledge.documents.walking import documents_in


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("words")


def walk(root: Path) -> tuple[list[str], list[str]]:
    """The documents found, and the lines told, with paths as seen from ``root``."""
    told: list[str] = []
    found = documents_in(root, lambda path, why: told.append(f"{path.relative_to(root)}: {why}"))
    return [str(path.relative_to(root)) for path in found], told


def test_documents_of_all_folders_in_order(tmp_path: Path) -> None:
    make(tmp_path, "b.md", "a.txt", "sub/deep/c.py", "sub/d.pdf", "README", "Makefile")
    assert walk(tmp_path) == (
        ["Makefile", "README", "a.txt", "b.md", "sub/d.pdf", "sub/deep/c.py"],
        [],
    )


def test_hidden_and_made_and_other_files_are_passed_over(tmp_path: Path) -> None:
    make(tmp_path, ".git/a.md", ".hidden.md", "node_modules/a.md", "build/a.md", "kept.md")
    make(tmp_path, ".venv/a.md", "picture.png", "data.bin", "noname")
    assert walk(tmp_path) == (["kept.md"], [])


def test_ignore_files_are_followed(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "draft-1.md", "draft-2.md", "out/x.md", "sub/a.md", "sub/b.md", "c.txt")
    (tmp_path / ".gitignore").write_text("draft-*\n!draft-2.md\n/out/\n*.txt\n")
    (tmp_path / ".heisenbergignore").write_text("!c.txt\n")
    (tmp_path / "sub" / ".gitignore").write_text("/a.md\n")
    assert walk(tmp_path) == (["a.md", "c.txt", "draft-2.md", "sub/b.md"], [])


def test_links_are_not_followed_and_said(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "a.md", "sub/b.md")
    make(tmp_path, "outside/secret.md")
    (root / "loop").symlink_to(root)
    (root / "sub" / "up").symlink_to("..")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "secret.md").symlink_to(tmp_path / "outside" / "secret.md")
    (root / "itself").symlink_to("itself")
    found, told = walk(root)
    assert found == ["a.md", "sub/b.md"]
    assert [line.partition(":")[0] for line in told] == ["loop", "out", "secret.md", "sub/up"]
    assert all("a link" in line for line in told)


def test_a_folder_that_vanishes_is_said_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a/one.md", "b/two.md")
    scandir = os.scandir

    def vanishing(path: Path) -> object:
        if path == tmp_path / "a":
            raise FileNotFoundError(2, "No such file or directory")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert walk(tmp_path) == (["b/two.md"], ["a: no such file or directory"])


def test_a_pattern_file_that_is_nonsense_is_no_trouble(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "b.md")
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe[\nb.md\n")
    assert walk(tmp_path)[0] == ["a.md"]


def test_a_name_that_is_no_text_is_said(tmp_path: Path) -> None:
    make(tmp_path, "a.md")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("words")
    except OSError:
        pytest.skip("this file system takes no such names")
    found, told = walk(tmp_path)
    assert found == ["a.md"]
    assert len(told) == 1
    assert told[0].endswith("its name is not valid text")
    told[0].encode()


def test_very_deep_folders_are_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(400):
        folder /= "d"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("deep")
    assert len(walk(tmp_path)[0]) == 1


def test_what_is_no_file_or_too_big_or_linked_is_not_read(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "sub/b.md")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "link.md").symlink_to("a.md")
    (tmp_path / "linked").symlink_to("sub")
    with (tmp_path / "big.md").open("wb") as big:
        big.truncate(100_000_000)
    assert read_bytes(tmp_path / "a.md") == b"words"
    for name, why in (
        ("pipe.md", "no regular file"),
        ("link.md", "symbolic links"),
        ("linked/b.md", "a link leads there"),
        ("big.md", f"it has 100 MB, and documents {MOST_BYTES // 10**6} MB at most"),
        ("none.md", "no such file"),
        ("sub", "is a directory"),
    ):
        with pytest.raises(Unreadable, match=why):
            read_bytes(tmp_path / name)
