from __future__ import annotations

import os
from pathlib import Path

import pytest

from heisenberg.core import resources
from heisenberg.core.errors import ChecksumMismatch, ConfigError, InputError, ModelMissing
from heisenberg.store import stamps
from heisenberg.store.catalogue import Catalogue, Profile, UrlSource
from heisenberg.store.store import Presence, Store, default_directory
from tests.fakes.models import model, model_file

BODY = b"weights" * 1000
NOWHERE = UrlSource("https://example.org/x")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    single = model("single", model_file("single.gguf", BODY, NOWHERE))
    other = model("other", model_file("other.gguf", b"other", NOWHERE))
    double = model(
        "double",
        model_file("model.bin", BODY, NOWHERE),
        model_file("config.json", b"{}", NOWHERE),
        role="stt",
    )
    profile = Profile(llm=("other", "single"), stt=("double",))
    catalogue = Catalogue((single, other, double), profiles={"default": profile})
    return Store(tmp_path / "store", catalogue)


def install(store: Store, name: str, body: bytes = BODY) -> Path:
    entry = store.catalogue.get(name)
    bodies = {"config.json": b"{}", "other.gguf": b"other"}
    for file in entry.files:
        path = store.path(entry, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bodies.get(file.name, body))
    return store.path(entry, entry.files[0])


def count_hashing(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    hashed: list[Path] = []
    original = stamps.sha256_of

    def counting(path: Path) -> str:
        hashed.append(path)
        return original(path)

    monkeypatch.setattr(stamps, "sha256_of", counting)
    return hashed


def test_locate_gives_the_only_file_or_the_folder(store: Store) -> None:
    single, double = install(store, "single"), install(store, "double")
    assert store.locate("single") == single
    assert store.locate("double") == double.parent
    assert store.locate("double", "config.json") == double.parent / "config.json"


def test_locate_refuses_names_that_are_not_in_the_catalogue(store: Store) -> None:
    install(store, "single")
    with pytest.raises(InputError, match="nothing"):
        store.locate("nothing")
    with pytest.raises(InputError, match=r"model\.bin"):
        store.locate("single", "model.bin")


def test_a_missing_file_says_how_to_fetch_it(store: Store) -> None:
    with pytest.raises(ModelMissing) as missing:
        store.locate("single")
    assert "single.gguf" in missing.value.message
    assert "heisenberg models pull single" in missing.value.hint


def test_every_file_of_a_model_is_checked(store: Store) -> None:
    install(store, "double").with_name("config.json").unlink()
    with pytest.raises(ModelMissing, match=r"config\.json"):
        store.locate("double", "model.bin")


def test_a_truncated_file_is_refused(store: Store) -> None:
    path = install(store, "single")
    store.locate("single")
    os.truncate(path, 100)
    with pytest.raises(ChecksumMismatch, match=r"100 bytes instead of 7,000: truncated"):
        store.locate("single")


def test_a_file_with_other_bytes_is_refused(store: Store) -> None:
    path = install(store, "single")
    store.locate("single")
    path.write_bytes(b"WEIGHTS" * 1000)
    with pytest.raises(ChecksumMismatch, match="wrong sha256") as tampered:
        store.locate("single")
    assert "heisenberg models pull single" in tampered.value.hint


def test_setting_the_clock_back_hides_nothing(store: Store) -> None:
    path = install(store, "single")
    store.locate("single")
    before = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"W")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ChecksumMismatch):
        store.locate("single")


def test_a_whole_file_is_hashed_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = count_hashing(monkeypatch)
    path = install(store, "single")
    store.locate("single")
    assert hashed == [path]
    Store(store.directory, store.catalogue).locate("single")
    assert hashed == [path]
    path.touch()
    store.locate("single")
    assert hashed == [path, path]


def test_a_thorough_check_always_hashes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = count_hashing(monkeypatch)
    path = install(store, "single")
    store.locate("single")
    entry = store.catalogue.get("single")
    store.check(entry, entry.files[0], thorough=True)
    assert hashed == [path, path]


def test_a_store_that_cannot_be_written_can_be_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = install(store, "single")
    (path.parent / stamps.STAMPS).mkdir()  # nothing can be stamped
    hashed = count_hashing(monkeypatch)
    assert store.locate("single") == path
    assert store.locate("single") == path
    assert hashed == [path, path]


def test_a_damaged_stamp_file_does_no_harm(store: Store) -> None:
    path = install(store, "single")
    (path.parent / stamps.STAMPS).write_text("[")
    assert store.locate("single") == path


def test_presence_goes_by_names_and_sizes(store: Store) -> None:
    entry = store.catalogue.get("double")
    assert store.presence(entry) is Presence.ABSENT
    assert store.missing_bytes(entry) == entry.size
    path = install(store, "double")
    assert store.presence(entry) is Presence.INSTALLED
    assert store.missing_bytes(entry) == 0
    path.unlink()
    path.with_name("model.bin.part").write_bytes(BODY[:3000])
    assert store.presence(entry) is Presence.INCOMPLETE
    assert store.missing_bytes(entry) == len(BODY) - 3000


def test_auto_is_the_first_that_is_installed(store: Store) -> None:
    install(store, "single")
    assert store.resolve("llm", "auto", "default", ["en"]).id == "single"
    install(store, "other")
    assert store.resolve("llm", "auto", "default", ["en"]).id == "other"


def test_auto_with_a_model_begun_leads_to_what_is_wrong_with_it(store: Store) -> None:
    path = install(store, "single")
    os.truncate(path, 10)
    entry = store.resolve("llm", "auto", "default", ["en"])
    with pytest.raises(ChecksumMismatch, match="truncated"):
        store.locate(entry.id)


def test_auto_with_nothing_installed_says_how_to_fetch(store: Store) -> None:
    with pytest.raises(ModelMissing) as missing:
        store.resolve("llm", "auto", "default", ["en"])
    assert "heisenberg models pull --profile default" in missing.value.hint


def test_a_name_must_have_the_right_role_and_be_installed(store: Store) -> None:
    with pytest.raises(InputError, match="not a stt model but a llm model"):
        store.resolve("stt", "single", "default", ["en"])
    with pytest.raises(ModelMissing) as missing:
        store.resolve("llm", "single", "default", ["en"])
    assert "heisenberg models pull single" in missing.value.hint
    install(store, "single")
    assert store.resolve("llm", "single", "default", ["en"]).id == "single"
    with pytest.raises(ConfigError):
        store.resolve("tts", "auto", "default", ["en"])


def test_where_the_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_directory(tmp_path / "mine") == tmp_path / "mine"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_directory(Path("~/mine")) == tmp_path / "mine"
    monkeypatch.setattr(resources, "checkout", lambda: tmp_path / "checkout")
    assert default_directory(None) == tmp_path / "checkout" / "models"
    monkeypatch.setattr(resources, "checkout", lambda: None)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert "heisenberg" in str(default_directory(None))
    assert tmp_path in default_directory(None).parents
