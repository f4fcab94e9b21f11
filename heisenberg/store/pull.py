"""Making sure that everything needed is here: what is missing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from heisenberg.core.errors import StoreError
from heisenberg.store.base import Progress
from heisenberg.store.catalogue import Entry, WheelSource
from heisenberg.store.fetch import HUB, Fetcher, Unavailable
from heisenberg.store.http import HttpSource
from heisenberg.store.lock import exclusive
from heisenberg.store.needs import Need
from heisenberg.store.space import FreeBytes, free_bytes, require_space
from heisenberg.store.store import Presence, Store
from heisenberg.store.wheels import PIP, WheelShelf

WHEELS_FOLDER: Final = ".wheels"


@dataclass(frozen=True, slots=True)
class Pulled:
    """How a need was met: ``entry`` is ``None`` when no candidate could be fetched."""

    need: Need
    entry: Entry | None
    origins: tuple[str, ...] = ()
    """Where its files came from; empty when it was here before."""
    skipped: tuple[tuple[Entry, Unavailable], ...] = ()
    """Candidates that could not be fetched, and why."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where files come from; the defaults are the world's."""

    http: HttpSource = field(default_factory=HttpSource)
    pip: Sequence[str] = PIP
    hub: str = HUB
    free: FreeBytes = free_bytes


def pull(
    store: Store, needs: Sequence[Need], progress: Progress, sources: Sources | None = None
) -> tuple[Pulled, ...]:
    """Meet every need, one after the other; candidates that are here are kept, whatever is first.

    Needs that can't be met don't keep the others from being met: look at ``failure``. Raises
    ``StoreError`` when nothing can be written. Interrupted, it leaves no file that could be taken
    for a whole one, and the next pull goes on from there.
    """
    kept = [_kept(store, need) for need in needs]
    if all(kept):
        return tuple(outcome for outcome in kept if outcome)
    sources = sources or Sources()
    with exclusive(
        store.directory,
        lambda: progress.note(f"Another pull is at work in {store.directory}; waiting for it."),
    ):
        shelf = WheelShelf(
            store.directory / WHEELS_FOLDER,
            store.catalogue.wheels,
            _wheel_uses(needs),
            pip=sources.pip,
            free=sources.free,
        )
        fetcher = Fetcher(store, sources.http, shelf, progress, sources.hub, sources.free)
        shelf.close()  # what a killed run left
        try:
            require_space(store.directory, _least_missing(store, needs), sources.free)
            return tuple(_kept(store, need) or _meet(need, fetcher) for need in needs)
        finally:
            shelf.close()
            sources.http.close()


def failure(outcomes: Sequence[Pulled]) -> StoreError | None:
    """The error to raise for needs that could not be met, if any."""
    unmet = [outcome for outcome in outcomes if outcome.entry is None]
    if not unmet:
        return None
    names = [_name(outcome.need) for outcome in unmet]
    reasons = dict.fromkeys(
        reason for outcome in unmet for _, error in outcome.skipped for reason in error.reasons
    )
    return StoreError(
        f"Could not be fetched: {', '.join(names)}. Why: {'; '.join(reasons)}.",
        "Check the network (a proxy is set with HTTPS_PROXY) and run the same command again: "
        "it goes on where it stopped.",
    )


def reasons_of(outcome: Pulled) -> str:
    """Why candidates were skipped, those with the same reason together."""
    names: dict[str, list[str]] = {}
    for entry, error in outcome.skipped:
        names.setdefault(str(error), []).append(entry.name)
    return "; ".join(f"{', '.join(same)}: {reason}" for reason, same in names.items())


def _name(need: Need) -> str:
    only = len(need.candidates) == 1
    return need.candidates[0].id if only else f"any {need.role} model of the list"


def _kept(store: Store, need: Need) -> Pulled | None:
    for entry in need.candidates:
        if store.presence(entry) is Presence.INSTALLED and store.is_whole(entry):
            return Pulled(need, entry)
    return None


def _meet(need: Need, fetcher: Fetcher) -> Pulled:
    skipped: list[tuple[Entry, Unavailable]] = []
    for entry in need.candidates:
        try:
            origins = fetcher.fetch(entry)
        except Unavailable as exc:
            skipped.append((entry, exc))
        else:
            for other, _ in skipped:
                fetcher.discard(other)
            return Pulled(need, entry, origins, tuple(skipped))
    return Pulled(need, None, (), tuple(skipped))


def _least_missing(store: Store, needs: Sequence[Need]) -> int:
    return sum(min(store.missing_bytes(entry) for entry in need.candidates) for need in needs)


def _wheel_uses(needs: Sequence[Need]) -> Iterator[str]:
    for need in needs:
        for entry in need.candidates:
            for file in entry.files:
                for source in file.sources:
                    if isinstance(source, WheelSource):
                        yield from (part.wheel for part in source.parts)
