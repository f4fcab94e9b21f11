"""The documents in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

from heisenberg.knowledge.documents.reading import kind_of

IGNORE_FILES: Final = (".gitignore", ".heisenbergignore")
"""Each holds patterns as git knows them, for its folder and those below; the second one wins."""

IGNORED_FOLDERS: Final = frozenset(
    {
        "__pycache__",
        "bower_components",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "target",
        "vendor",
        "venv",
    }
)
"""Made by programs, or other people's."""

_MOST_IGNORE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Rules:
    """The patterns of one file, for the paths below ``folder``."""

    folder: Path
    spec: GitIgnoreSpec

    def ignore(self, path: Path, *, is_folder: bool) -> bool | None:
        """What they say; ``None``: nothing."""
        relative = path.relative_to(self.folder).as_posix()
        return self.spec.check_file(f"{relative}/" if is_folder else relative).include


def documents_in(root: Path, tell: Callable[[Path, str], None]) -> Iterator[Path]:
    """Every document in the folder ``root`` and those below, in order.

    Left out: what ignore files name, hidden files, folders that programs make, links, and files
    that are no documents going by their names. ``tell`` hears of links, and of what can't be read,
    and why.
    """
    waiting: list[tuple[Path, tuple[_Rules, ...]]] = [(root, ())]
    while waiting:
        folder, above = waiting.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as exc:
            tell(folder, (exc.strerror or str(exc)).lower())
            continue
        rules = (*above, *_rules_of(folder, tell))
        folders = []
        for entry in entries:
            path = folder / entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if not _is_text(entry.name):
                tell(folder / repr(entry.name), "its name is not valid text")
                continue
            if _left_out(entry.name, path, rules, is_folder=is_folder):
                continue
            if entry.is_symlink():
                if kind_of(path) or path.is_dir():
                    tell(path, "a link; add what it leads to, if that is to be known")
            elif is_folder:
                folders.append((path, rules))
            elif kind_of(path):
                yield path
        waiting += reversed(folders)


def is_passed_over(relative: Path) -> bool:
    """Whether a path within a folder is hidden, or in one that programs make, whatever ignore files
    say."""
    return any(name.startswith(".") or name in IGNORED_FOLDERS for name in relative.parts)


def _is_text(name: str) -> bool:
    """Whether it can be written down: names of old systems may hold any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _left_out(name: str, path: Path, rules: tuple[_Rules, ...], *, is_folder: bool) -> bool:
    if name.startswith(".") or (is_folder and name in IGNORED_FOLDERS):
        return True
    # The last file with something to say about a path decides, as with git.
    said = (rule.ignore(path, is_folder=is_folder) for rule in reversed(rules))
    return next((ignore for ignore in said if ignore is not None), False)


def _rules_of(folder: Path, tell: Callable[[Path, str], None]) -> Iterator[_Rules]:
    for name in IGNORE_FILES:
        file = folder / name
        try:
            if file.is_symlink() or not file.is_file():
                continue
            with file.open("rb") as patterns:
                text = patterns.read(_MOST_IGNORE_BYTES).decode("utf-8", "replace")
            yield _Rules(folder, GitIgnoreSpec.from_lines(text.splitlines()))
        except (OSError, ValueError) as exc:
            tell(file, f"its patterns can't be used: {exc}")
