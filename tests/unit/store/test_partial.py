from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from heisenberg.core.errors import StoreError
from heisenberg.store.base import SourceFailed
from heisenberg.store.partial import PartFile

BODY = bytes(range(256)) * 20
SHA256 = hashlib.sha256(BODY).hexdigest()


def part_file(folder: Path) -> PartFile:
    return PartFile(folder / "model" / "model.bin", len(BODY), SHA256)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    with part_file(tmp_path) as part:
        part.write(BODY[:1000])
        assert not part.target.exists()
        part.write(BODY[1000:])
        assert part.is_whole()
        part.commit()
    assert part.target.read_bytes() == BODY
    assert names(tmp_path) == ["model", "model.bin"]


def test_what_was_begun_is_continued(tmp_path: Path) -> None:
    with part_file(tmp_path) as part:
        part.write(BODY[:1000])
    assert names(tmp_path) == ["model", "model.bin.part"]
    with part_file(tmp_path) as part:
        part.begin_source()
        assert (part.offset, part.inherited) == (1000, 1000)
        part.write(BODY[1000:])
        assert part.is_whole()


def test_rewinding_keeps_the_beginning_only(tmp_path: Path) -> None:
    with part_file(tmp_path) as part:
        part.write(BODY[:1000] + bytes(500))
        part.begin_source()
        part.rewind(1000)
        assert (part.offset, part.inherited) == (1000, 1000)
        part.write(BODY[1000:])
        assert part.is_whole()
        part.commit()
    assert part.target.read_bytes() == BODY


def test_other_bytes_of_the_right_number_are_not_whole(tmp_path: Path) -> None:
    with part_file(tmp_path) as part:
        part.write(bytes(len(BODY)))
        assert not part.is_whole()


def test_more_than_the_file_has_is_refused(tmp_path: Path) -> None:
    with part_file(tmp_path) as part:
        part.write(BODY)
        with pytest.raises(SourceFailed, match="more than"):
            part.write(b"x")
        assert part.offset == 0


def test_a_part_longer_than_the_file_is_cut(tmp_path: Path) -> None:
    with part_file(tmp_path) as part:
        path = part.target.with_name("model.bin.part")
        part.write(BODY)
    with path.open("ab") as stream:
        stream.write(b"more")
    with part_file(tmp_path) as part:
        assert part.is_whole()


def test_nothing_begun_leaves_nothing(tmp_path: Path) -> None:
    with part_file(tmp_path):
        pass
    assert names(tmp_path) == []


def test_other_files_of_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    with part_file(tmp_path):
        pass
    assert names(tmp_path) == ["config.json", "model"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the kernel's full device")
def test_a_full_disk_is_said_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin.part").symlink_to("/dev/full")
    with pytest.raises(StoreError, match="disk is full") as full, part_file(tmp_path) as part:
        part.write(BODY[:10])
    assert str(tmp_path / "model") in full.value.message
    assert "Make room" in full.value.hint
    assert names(tmp_path) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"store\.dir"), part_file(tmp_path):
        pass
