"""``heisenberg bench …``: how long an answer takes, whole and in parts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.bench.hearing.stt import Comparison
    from heisenberg.bench.turns.conversation import TextTurn
    from heisenberg.bench.turns.endpoint import Heard
    from heisenberg.bench.turns.sequential import PlainWhisper
    from heisenberg.bench.turns.voice import Trial
    from heisenberg.core.config import Config
    from heisenberg.core.lifecycle import Stages

app = typer.Typer()
"""Added to ``heisenberg bench``."""

_SEED = 5
_MOST_THREADS = 4
"""What faster-whisper takes by itself; never more than there are cores."""


@app.command()
def voice(
    repeat: Annotated[int, typer.Option(min=1, max=100, help="How often each is asked.")] = 5,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Twelve spoken questions in real time: end of speech to first sound.

    Beside it, on the same recordings: without drafts, the same engines one after the other, and
    what the stages take alone.
    """
    from heisenberg.bench.turns.voice import SAME_FOR_ALL
    from heisenberg.core import lifecycle

    loaded = load_config(config, [*(settings or ()), *SAME_FOR_ALL])
    return lifecycle.run(_voice(loaded, repeat, as_json=as_json))


@app.command()
def stt(
    utterances: Annotated[int, typer.Option(min=1, max=1000, help="How many are heard.")] = 100,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Recognition beside faster-whisper with its defaults: how long, and how many words wrong."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_stt(load_config(config, settings), utterances, as_json=as_json))


@app.command()
def conversation(
    turns: Annotated[int, typer.Option(min=10, max=100, help="How long each one is.")] = 10,
    repeat: Annotated[int, typer.Option(min=1, max=100, help="How many are held.")] = 5,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Conversations in writing: the wait for the reply in the tenth turn against the first."""
    from heisenberg.bench.turns.voice import SAME_FOR_ALL
    from heisenberg.core import lifecycle

    loaded = load_config(config, [*(settings or ()), *SAME_FOR_ALL])
    return lifecycle.run(_conversation(loaded, turns, repeat, as_json=as_json))


@app.command()
def endpoint(
    repeat: Annotated[int, typer.Option(min=1, max=20, help="How often each is said.")] = 2,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """Fifty sentences with a pause in the middle: who is cut off, and who is kept waiting?"""
    from heisenberg.core import lifecycle

    return lifecycle.run(_endpoint(load_config(config, settings), repeat, as_json=as_json))


async def _voice(config: Config, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.voice import bench_voice
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(trial: Trial) -> None:
        print(f"  {_described(trial)}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        plain = await _plain_whisper(config, stages)
        report = (await bench_voice(config, engines, plain, repeat=repeat, on_trial=show)).as_dict()
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return 0
    typer.echo(f"{report['turns']} of {report['asked']} questions were answered on every side.")
    for name, found in {"first sound": report["v2v_s"], **report["stages_s"]}.items():
        typer.echo(f"  {name:<14} {found['p50']:5.2f} s median, {found['p95']:5.2f} s p95")
    for name, title in (
        ("no_draft_v2v_s", "without drafts"),
        ("sequential_v2v_s", "one after the other"),
        ("floor_s", "the stages alone"),
    ):
        typer.echo(f"  {title:<20} {report[name]:5.2f} s median")
    typer.echo(
        f"{report['ratio_to_sequential']} of one after the other, "
        f"{report['ratio_to_floor']} times the stages alone."
    )
    typer.echo(
        f"{report['cpu_s']:.2f} s of computing a turn, {report['ratio_cpu']} times as without "
        "drafts."
    )
    return 0


def _described(trial: Trial) -> str:
    if trial.turn is None:
        return f"no answer: {trial.question}"
    return (
        f"{trial.turn.first_sample_s:5.2f} s (one after the other "
        f"{trial.sequential.first_sound_s:.2f}, the stages alone {trial.floor.first_sound_s:.2f})  "
        f"{trial.turn.transcript}  ->  {trial.turn.reply}"
    )


async def _stt(config: Config, count: int, *, as_json: bool) -> int:
    import asyncio

    from heisenberg.audio.base import Pcm
    from heisenberg.bench.hearing.stt import bench_stt
    from heisenberg.bench.hearing.stt_sounds import spoken_utterances
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(one: Comparison) -> None:
        print(f"  {_compared(one)}", file=sys.stderr, flush=True)

    heard = await asyncio.to_thread(spoken_utterances, config, count)
    async with Stages(show_loading) as stages:
        recogniser = (await ready_engines(config, stages)).stt
        plain = await _plain_whisper(config, stages)

        async def ours(utterance: Pcm) -> str:
            return (await recogniser.transcribe(utterance)).text

        async def theirs(utterance: Pcm) -> str:
            return await plain.transcribe(utterance, config.languages[0])

        found = (await bench_stt(ours, theirs, heard, on_comparison=show)).as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    for title, side in (("ours", "ours"), ("its defaults", "plain")):
        times_s, wrong = found[f"{side}_s"], found[f"{side}_wer"]
        typer.echo(
            f"{title:<13} {times_s['p50']:.2f} s median, {times_s['p95']:.2f} s p95, "
            f"{wrong:.1%} of {found['words']} words wrong"
        )
    chance = found["wer_difference_interval_points"]
    typer.echo(
        f"{found['times_faster']} times as fast, {found['wer_difference_points']:+} points of "
        f"words wrong ({chance['low']:+} to {chance['high']:+} with 95 % certainty), on "
        f"{found['utterances']} utterances"
    )
    return 0


def _compared(one: Comparison) -> str:
    return (
        f"{one.length_s:3.1f} s, noise {one.noise:<12} {one.ours.took_s:5.2f} s "
        f"(its defaults {one.plain.took_s:5.2f})  {one.said}  ->  {one.ours.text}"
        + ("" if one.ours.text == one.plain.text else f"  |  {one.plain.text}")
    )


async def _plain_whisper(config: Config, stages: Stages) -> PlainWhisper:
    from heisenberg.bench.turns.sequential import PlainWhisper
    from heisenberg.engines import recogniser_folder
    from heisenberg.machine.native import thread_count

    threads = thread_count(config.stt.threads, at_most=_MOST_THREADS)
    loading = PlainWhisper.load(await recogniser_folder(config), threads)
    return await stages.start("plain recogniser", loading)


async def _endpoint(config: Config, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.hearing.voices import PiperSpeaker
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.endpoint import bench_endpoint, sentences
    from heisenberg.bench.turns.endpoint_texts import REQUESTS
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(one: Heard) -> None:
        pause = f"{one.pause_s:.2f} s after '{one.before}'"
        end = "cut off" if one.cut_off else f"over after {one.wait_s:.2f} s"
        print(f"  {end}, paused {pause}: {one.understood[-1]}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        aligner = await _plain_whisper(config, stages)
        voice = PiperSpeaker.configured(config, seed=_SEED)
        spoken = await sentences(REQUESTS * repeat, voice, aligner, config.languages[0], seed=_SEED)
        found = (await bench_endpoint(config.turn, engines, spoken, show)).as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    wait_s = found["wait_s"]
    typer.echo(f"{found['cut_off']} of {found['sentences']} sentences were cut off in their pause.")
    typer.echo(f"The end was seen after {wait_s['p50']:.2f} s median, {wait_s['p95']:.2f} s p95.")
    return 0


async def _conversation(config: Config, turns: int, repeat: int, *, as_json: bool) -> int:
    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.conversation import bench_conversation
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages

    def show(number: int, turn: TextTurn) -> None:
        print(f"  {number:3} {turn.first_piece_s:6.3f} s  {turn.question}", file=sys.stderr)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(config, stages)
        report = await bench_conversation(
            engines.llm,
            words=engines.words,
            max_history_turns=config.llm.max_history_turns,
            turns=turns,
            repeat=repeat,
            on_turn=show,
        )
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return 0
    for number, seconds in enumerate(found["turns_s"], start=1):
        typer.echo(f"turn {number:3}  {seconds:6.3f} s to the first piece, median")
    typer.echo(f"The tenth takes {found['ratio']} times as long as the first.")
    return 0
