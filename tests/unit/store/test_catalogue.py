from __future__ import annotations

from pathlib import Path

import pytest

from heisenberg.core import resources
from heisenberg.core.errors import ConfigError, InputError, StoreError
from heisenberg.store.catalogue import Catalogue, HubSource, Role, UrlSource, WheelSource

GOOD = """
[profiles.default]
llm = ["small"]
[wheels.carrier]
version = "1.0"
size = 10
sha256 = "{sha}"
[[models]]
id = "small"
role = "llm"
name = "Small"
description = "A model"
languages = ["en"]
licence = "MIT"
memory_mb = 1
[[models.files]]
name = "small.gguf"
size = 4
sha256 = "{sha}"
sources = [
  {{ hub = "someone/small", revision = "main", path = "small.gguf" }},
  {{ url = "https://example.org/small.gguf" }},
  {{ parts = [{{ wheel = "carrier", member = "a", size = 1 }},
             {{ wheel = "carrier", member = "b", size = 3 }}] }},
]
""".format(sha="0" * 64)


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return Catalogue.load(resources.catalogue_file())


def load(folder: Path, text: str) -> Catalogue:
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return Catalogue.load(path)


def test_sources_keep_their_order_and_kind(tmp_path: Path) -> None:
    hub, url, wheels = load(tmp_path, GOOD).get("small").files[0].sources
    assert hub == HubSource("someone/small", "main", "small.gguf")
    assert url == UrlSource("https://example.org/small.gguf")
    assert isinstance(wheels, WheelSource)
    assert [part.member for part in wheels.parts] == ["a", "b"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[profiles.default]", "[profiles.default", "line"),
        ('licence = "MIT"', 'license = "MIT"', "licen"),
        ("0" * 64, "0" * 63, "sha256"),
        ('name = "small.gguf"', 'name = "../small.gguf"', "name"),
        ('id = "small"', 'id = ".hidden"', "id"),
        ('"https://example.org/small.gguf"', '"file:///etc/passwd"', "url"),
        ('wheel = "carrier", member = "b"', 'wheel = "nobody", member = "b"', "nobody"),
        ("size = 3", "size = 2", "add up"),
        ('llm = ["small"]', 'llm = ["large"]', "large"),
        ('llm = ["small"]', 'stt = ["small"]', "not a stt model"),
        ('licence = "MIT"', 'licence = "MIT"\nrequires = ["ghost"]', "ghost"),
        ("memory_mb = 1", "memory_mb = 0", "memory_mb"),
    ],
)
def test_a_broken_catalogue_is_refused_with_its_reason(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(StoreError) as refused:
        load(tmp_path, GOOD.replace(old, new))
    assert said in refused.value.message
    assert str(tmp_path / "catalogue.toml") in refused.value.message
    assert "\n" not in refused.value.message
    assert refused.value.hint


def test_two_models_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="same id"):
        load(tmp_path, GOOD + GOOD[GOOD.index("[[models]]") :])


def test_a_missing_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file"):
        Catalogue.load(tmp_path / "none.toml")


def test_an_unknown_id_names_near_ones(shipped: Catalogue) -> None:
    with pytest.raises(InputError) as unknown:
        shipped.get("whisper-bas")
    assert "whisper-base" in unknown.value.hint


@pytest.mark.parametrize("profile", ["default", "tiny"])
def test_a_closed_network_gets_every_role(shipped: Catalogue, profile: str) -> None:
    """Of each list at least one model can be fetched without a hub, and what it requires too."""
    roles: tuple[Role, ...] = ("llm", "stt", "tts", "wake", "turn")
    for role in roles:
        candidates = shipped.candidates(role, profile, ["en"])
        assert any(
            all(
                any(isinstance(source, WheelSource) for source in file.sources)
                for needed in (entry, *map(shipped.get, entry.requires))
                for file in needed.files
            )
            for entry in candidates
        ), role


def test_official_places_come_before_wheels(shipped: Catalogue) -> None:
    for entry in shipped.models:
        for file in entry.files:
            wheels = [isinstance(source, WheelSource) for source in file.sources]
            assert wheels == sorted(wheels), f"{entry.id}/{file.name}"


def test_the_default_language_models_in_order(shipped: Catalogue) -> None:
    assert [entry.name for entry in shipped.candidates("llm", "default", ["en"])] == [
        "LFM2.5-350M",
        "LFM2-350M",
        "Qwen3-0.6B",
        "Qwen2.5-0.5B-Instruct",
        "Qwen2.5-Coder-0.5B-Instruct",
    ]


@pytest.mark.parametrize(
    ("role", "profile", "languages", "expected"),
    [
        ("tts", "default", ["en"], "en_US-joe-medium"),
        ("tts", "default", ["fr"], "fr_FR-siwis-medium"),
        ("tts", "default", ["fr", "en"], "fr_FR-siwis-medium"),
        ("tts", "tiny", ["fr"], "fr_FR-siwis-medium"),
        ("stt", "default", ["fr"], "whisper-base"),
        ("stt", "default", ["de"], "whisper-base"),
        ("stt", "tiny", ["en"], "whisper-tiny.en"),
        ("stt", "tiny", ["fr"], "whisper-base"),
        ("stt", "tiny", ["en", "fr"], "whisper-base"),
        ("wake", "tiny", ["fr"], "hey_jarvis"),
    ],
)
def test_auto_goes_by_language(
    shipped: Catalogue, role: Role, profile: str, languages: list[str], expected: str
) -> None:
    assert shipped.candidates(role, profile, languages)[0].id == expected


def test_a_language_without_a_voice_is_said(shipped: Catalogue) -> None:
    with pytest.raises(ConfigError, match="tts model for de"):
        shipped.candidates("tts", "default", ["de"])


def test_an_unknown_profile_is_said(shipped: Catalogue) -> None:
    with pytest.raises(ConfigError) as unknown:
        shipped.candidates("llm", "huge", ["en"])
    assert "default, tiny" in unknown.value.hint


def test_models_with_terms_say_so(shipped: Catalogue) -> None:
    assert "commercial" in shipped.get("hey_jarvis").licence_note
    assert "US$10M" in shipped.get("lfm2.5-350m-q4_k_m").licence_note
    assert shipped.get("en_US-lessac-medium").licence_note == "research only"


def test_recommended_sampling(shipped: Catalogue) -> None:
    lfm = shipped.get("lfm2.5-350m-q4_k_m").sampling
    assert (lfm.temperature, lfm.top_k, lfm.repeat_penalty) == (0.1, 50, 1.05)
    assert lfm.top_p is None
