"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from heisenberg.core.errors import InputError, StoreError
from heisenberg.core.files import check_writable, replace_file


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), replace_file(path) as file:
        file.write(b"half of the new")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="disk is full"), replace_file(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_file_replaces_the_old_one_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with replace_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_private_file_is_never_anybody_elses(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.touch(0o644)
    with replace_file(path, mode=0o600) as file:
        file.write(b"mine")
        (written,) = (found for found in tmp_path.iterdir() if found != path)
        assert written.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_keeps_its_place_and_its_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with replace_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_written_to_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    check_writable(pipe)
    with replace_file(pipe) as file:
        file.write(b"events")
    assert os.read(reading, 100) == b"events"
    os.close(reading)
    assert pipe.is_fifo()


def test_places_that_cannot_be_written_are_refused_beforehand(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        check_writable(tmp_path / "nowhere" / "out")
    with pytest.raises(InputError, match="is a folder"):
        check_writable(tmp_path)
    check_writable(tmp_path / "out")
