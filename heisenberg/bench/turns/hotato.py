"""The eight public barge-in scenarios of the package ``hotato``, with us as the agent.

Its recordings have the agent on one channel and the caller on the other. They are tones in the
rhythm of speech and no words, which neither a network for voice activity nor a recogniser takes
for a voice. So every scenario is played twice: as it is recorded, and *revoiced*, with the
scenario's own words spoken by a voice in the places where the tones are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from heisenberg.audio.base import RATE_HZ, Pcm
from heisenberg.audio.resample import Resampler
from heisenberg.audio.simulated import Echo
from heisenberg.bench.turns.overlaps import hum
from heisenberg.bench.turns.recorded_voice import RecordedVoice
from heisenberg.core.config import Config
from heisenberg.core.errors import InputError
from heisenberg.core.events import Event
from heisenberg.loading import Engines
from heisenberg.simulation import Conditions, simulate
from heisenberg.tts.base import TextToSpeech
from heisenberg.tts.speech import recorded

_AGENT_GOES_ON_S: Final = 8.0
"""An agent that does not yield talks on; the recordings end where it should have yielded."""
_CALLER_PITCH: Final = 1.12
_PAUSED: Final = " ... "


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario: did the agent yield, and how long after the caller began?"""

    scenario: str
    revoiced: bool
    should_yield: bool
    yielded: bool
    time_to_yield_s: float | None

    @property
    def right(self) -> bool:
        return self.yielded == self.should_yield


@dataclass(frozen=True, slots=True)
class _Scenario:
    name: str
    should_yield: bool
    onset_s: float
    agent: Pcm | str
    """Sound, or words for the assistant's own voice."""
    caller: Pcm
    echo: Echo | None


async def bench_hotato(
    config: Config, engines: Engines, on_outcome: Callable[[Outcome], None]
) -> list[Outcome]:
    """Play every scenario as recorded and revoiced, in real time; ``InputError`` without them."""
    outcomes = []
    for path in _scenario_files():
        described = json.loads(path.read_text(encoding="utf-8"))
        for scenario, revoiced in (
            (_as_recorded(path, described), False),
            (await _revoiced(engines.tts, described), True),
        ):
            outcome = await _play(config, engines, scenario, revoiced=revoiced)
            on_outcome(outcome)
            outcomes.append(outcome)
    return outcomes


def _scenario_files() -> list[Path]:
    try:
        folder = Path(str(files("hotato"))) / "data" / "scenarios"
    except ModuleNotFoundError as exc:
        raise InputError(
            "The scenarios are not here: the package 'hotato' is not installed.",
            "Install it: pip install hotato==1.20.0",
        ) from exc
    return sorted(folder.glob("0*.json"))


async def _play(
    config: Config, engines: Engines, scenario: _Scenario, *, revoiced: bool
) -> Outcome:
    voice = engines.tts if isinstance(scenario.agent, str) else RecordedVoice(scenario.agent)
    text = scenario.agent if isinstance(scenario.agent, str) else "The agent speaks."
    agent = replace(engines, tts=voice)
    conditions = Conditions(echo=scenario.echo, announcements=(text,))
    result = await simulate(config, agent, scenario.caller, conditions)
    yields = [
        record.t
        for record in result.events
        if record.event is Event.PLAYBACK_END and record.fields["interrupted"]
    ]
    waited_s = round(yields[0] - scenario.onset_s, 3) if yields else None
    return Outcome(scenario.name, revoiced, scenario.should_yield, bool(yields), waited_s)


def _as_recorded(path: Path, described: dict[str, Any]) -> _Scenario:
    wav = path.parents[1] / "audio" / f"{path.stem}.example.wav"
    samples, rate_hz = soundfile.read(wav, dtype="int16")
    caller, agent = (_at_our_rate(samples[:, channel], rate_hz) for channel in (0, 1))
    begin_s, end_s = described["reference_render"]["agent_segments_sec"][0]
    talk = agent[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)]
    if described["expected"]["yield"]:
        talk = np.tile(talk, 1 + round(_AGENT_GOES_ON_S * RATE_HZ / len(talk)))
    lead = agent[: round(begin_s * RATE_HZ)]
    return _scenario(described, np.concatenate((lead, talk)), caller)


async def _revoiced(voice: TextToSpeech, described: dict[str, Any]) -> _Scenario:
    render, words = described["reference_render"], described["transcript"]
    text = words["agent"].removesuffix("...")
    if described["expected"]["yield"]:
        text = f"{text}, and then there is more to say about it, which takes a while. " * 2
    if render.get("caller_is_echo_of_agent"):
        silent = np.zeros(RATE_HZ, np.int16)
        echo = Echo(render["echo_gain"], render["echo_delay_sec"] * 1000)
        return replace(_scenario(described, text, silent), echo=echo)
    # The assistant begins at once, the agent in the recording 0.2 s later.
    begin_s = render["agent_segments_sec"][0][0]
    caller = np.zeros(round((described["duration_sec"] + 2.0) * RATE_HZ), np.int16)
    segments = render["caller_segments_sec"]
    for (start_s, _), part in zip(segments, _parts(words["caller"], len(segments)), strict=True):
        spoken = await _spoken(voice, part)
        at = round((start_s - begin_s) * RATE_HZ)
        caller[at : at + len(spoken)] = spoken[: len(caller) - at]
    scenario = _scenario(described, text, caller)
    return replace(scenario, onset_s=scenario.onset_s - begin_s)


async def _spoken(voice: TextToSpeech, text: str) -> Pcm:
    if text == "mhm":  # which the voice would spell
        return hum(seed=1)
    spoken = _trimmed(await recorded(voice, text, lead_s=0.0, tail_s=0.0))
    return _at_our_rate(spoken, round(RATE_HZ * _CALLER_PITCH))


def _scenario(described: dict[str, Any], agent: Pcm | str, caller: Pcm) -> _Scenario:
    return _Scenario(
        described["id"],
        described["expected"]["yield"],
        described["caller_onset_sec"],
        agent,
        caller,
        echo=None,
    )


def _parts(text: str, count: int) -> list[str]:
    """What the caller says in each of ``count`` stretches of sound."""
    if _PAUSED in text:
        return text.split(_PAUSED)
    if count == 1:
        return [text]
    first, rest = text.split(", ", 1)
    return [f"{first},", rest]


def _at_our_rate(pcm: Pcm, rate_hz: int) -> Pcm:
    resampler = Resampler(rate_hz, RATE_HZ)
    return np.concatenate((resampler.push(pcm), resampler.flush()))


def _trimmed(pcm: Pcm) -> Pcm:
    sounding = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 200)
    return pcm[sounding[0] : sounding[-1] + 1]
