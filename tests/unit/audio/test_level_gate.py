from __future__ import annotations

import numpy as np

from heisenberg.audio.base import CHUNK_SAMPLES, RATE_HZ, AudioChunk, Pcm
from heisenberg.audio.level_gate import LevelGate
from tests.fakes.speech import join, mixed, noise, scaled, silence

QUIET = -60.0


def room(seconds: float, level_db: float = QUIET, seed: int = 1) -> Pcm:
    return noise(seconds, colour="pink", level_db=level_db, seed=seed)


def admitted(recording: Pcm, gate: LevelGate | None = None, *, held_open: bool = False) -> Pcm:
    """What the gate lets through, in its place; silence elsewhere."""
    gate = gate or LevelGate()
    out = np.zeros_like(recording)
    for at in range(0, len(recording) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
        chunk = AudioChunk(recording[at : at + CHUNK_SAMPLES], RATE_HZ, at / RATE_HZ)
        for passed in gate.push(chunk, held_open=held_open):
            start = round(passed.t_s * RATE_HZ)
            assert not out[start : start + len(passed.pcm)].any(), "each chunk only once"
            out[start : start + len(passed.pcm)] = passed.pcm
    return out


def share(pcm: Pcm, from_s: float, to_s: float) -> float:
    part = pcm[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)]
    return float(np.count_nonzero(part)) / len(part)


def test_nothing_is_to_be_done_in_a_quiet_room() -> None:
    assert share(admitted(room(20.0)), 2.0, 20.0) == 0.0


def test_nor_beside_a_fan_that_runs_all_the_time() -> None:
    assert share(admitted(room(30.0, level_db=-30)), 6.0, 30.0) < 0.02


def test_a_voice_passes_whole_with_what_came_just_before_it() -> None:
    voice = scaled(noise(1.0, colour="white", level_db=-20, seed=3), 0)
    recording = mixed(room(10.0), join(silence(4.0), voice, silence(5.0)))
    out = admitted(recording)
    assert share(out, 3.5, 6.2) > 0.99
    assert share(out, 1.0, 3.0) == 0.0
    assert share(out, 7.6, 10.0) == 0.0


def test_a_soft_voice_in_noise_passes() -> None:
    voice = noise(1.0, colour="pink", level_db=-35, seed=3)
    recording = mixed(room(10.0, level_db=-45), join(silence(6.0), voice, silence(3.0)))
    assert share(admitted(recording), 5.8, 7.5) > 0.99


def test_when_held_open_everything_passes() -> None:
    recording = room(3.0)
    assert np.array_equal(admitted(recording, held_open=True), recording)


def test_zeros_pass_only_when_held_open() -> None:
    chunk = AudioChunk(np.zeros(CHUNK_SAMPLES, np.int16), RATE_HZ, 0.0)
    assert LevelGate().push(chunk, held_open=False) == []
    assert LevelGate().push(chunk, held_open=True) == [chunk]
