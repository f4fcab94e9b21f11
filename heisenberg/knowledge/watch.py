"""Keeping a library up to date while its files change."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Collection
from pathlib import Path

from heisenberg.core.aio import task_group
from heisenberg.core.errors import InputError, KnowledgeError
from heisenberg.knowledge.documents.walking import IGNORE_FILES, is_passed_over
from heisenberg.knowledge.library import Library
from heisenberg.knowledge.updating import Update


async def watch(library: Library, on_update: Callable[[Update], None]) -> None:
    """Bring ``library`` up to date now and whenever a file of it changes, until cancelled.

    ``on_update`` is told what was done, first of all what had changed before. Raises ``InputError``
    when there is nothing to watch, ``KnowledgeError`` when the system can't watch so many folders,
    and what ``Library.refresh`` does.
    """
    roots = {Path(document.root) for document in await library.documents()}
    folders, parents = await asyncio.to_thread(_places, roots)
    if not folders and not parents:
        raise InputError("There is nothing to watch.", "'heisenberg docs add' adds documents.")

    # Reads many modules: not in the event loop.
    await asyncio.to_thread(importlib.import_module, "watchfiles")
    from watchfiles import awatch

    async def follow(places: Collection[Path], *, recursive: bool) -> None:
        try:
            async for changes in awatch(*places, watch_filter=None, recursive=recursive):
                within = {_concerned(Path(path)) for _, path in changes if _tells(path, roots)}
                if within:
                    on_update(await library.refresh(within))
        except OSError as exc:
            raise KnowledgeError(
                f"Folders can't be watched: {exc}.",
                "On Linux, fs.inotify.max_user_watches says how many; or run 'docs add' by hand.",
            ) from exc

    async with task_group() as group:
        # What changes while the first update runs is seen: they begin to look before it reads.
        if folders:
            group.create_task(follow(folders, recursive=True), name="watch folders")
        if parents:
            group.create_task(follow(parents, recursive=False), name="watch files")
        on_update(await library.refresh())


def _places(roots: set[Path]) -> tuple[set[Path], set[Path]]:
    """The folders to look at with all below them, and those of which single files were added:
    a file that an editor replaces is another one afterwards."""
    folders = {root for root in roots if root.is_dir()}
    files = roots - folders
    return folders, {file.parent for file in files if file.parent.is_dir()}


def _tells(path: str, roots: Collection[Path]) -> bool:
    """Whether a change there can be one of a document."""
    changed = Path(path)
    if changed.name in IGNORE_FILES or changed in roots:
        return True
    above = [root for root in roots if root in changed.parents]
    return any(not is_passed_over(changed.relative_to(root)) for root in above)


def _concerned(changed: Path) -> Path:
    """Where documents may have changed: patterns concern the whole folder."""
    return changed.parent if changed.name in IGNORE_FILES else changed
