"""The short form of ``bench idle``: a minute of quiet and a minute of talk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from heisenberg.bench.running.idle import bench_idle, talk
from heisenberg.bench.virtual_card.soundcard import MISSING, is_available
from heisenberg.loading import Engines

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not is_available(), reason=MISSING),
    pytest.mark.timeout(300),
]


@pytest.mark.asyncio(loop_scope="session")
async def test_waiting_for_the_wake_word_costs_little_and_grows_nothing(
    engines: Engines, tmp_path: Path
) -> None:
    speech = await talk(engines.tts)
    report = await asyncio.to_thread(bench_idle, tmp_path, speech, minutes=2.0)
    for half in (report.quiet, report.speech):
        assert half.wakes == 0
        assert half.end_mb - half.begin_mb < 3
        # Fewer are right: a speaker that rests gives back what its stream had.
        assert half.end_threads <= half.begin_threads
        assert half.end_files <= half.begin_files
    assert report.speech.end_mb - report.quiet.begin_mb < 10
    # What it costs is measured by the bench. A loop that never rests takes a whole core.
    assert report.quiet.cpu_percent < 60
    assert report.speech.cpu_percent < 60
