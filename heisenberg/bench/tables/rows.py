"""What ``make bench`` measures: one row for each command, one figure for each line of a table.

A new measurement is one more ``Row`` in ``ROWS``; its command must take ``--json``.
"""

from __future__ import annotations

from typing import Final

from heisenberg.bench.tables.row import Figure, Row
from heisenberg.bench.tables.rows_api import API
from heisenberg.bench.tables.rows_knowledge import KNOWLEDGE
from heisenberg.bench.tables.rows_latency import LATENCY
from heisenberg.bench.tables.rows_llm import LLM
from heisenberg.bench.tables.rows_satellites import SATELLITES
from heisenberg.bench.tables.rows_skills import SKILLS


def _memory(name: str, profile: str, aim: str, *options: str) -> Row:
    figure = Figure(
        f"resident memory after three turns, {profile} profile",
        {"after": "after_turns_mb", "peak": "peak_mb"},
        "MB",
        "{after:.0f} MB (at most {peak:.0f} MB for a moment)",
        aim,
    )
    return Row(name, "measured", ("bench", "memory", *options), (figure,))


ROWS: Final[tuple[Row, ...]] = (
    *LATENCY,
    *LLM,
    *SKILLS,
    *API,
    *KNOWLEDGE,
    *SATELLITES,
    _memory("memory", "default", "1250 MB"),
    _memory("memory-tiny", "`tiny`", "750 MB", "--set", "profile=tiny"),
    Row(
        "start",
        "measured",
        ("bench", "start"),
        (
            Figure(
                "from starting Heisenberg to ready, warm disk cache",
                {"ready": "ready_s", "command": "ready_command"},
                "s",
                "{ready:.1f} s (`heisenberg {command}`)",
                "6 s",
            ),
            Figure(
                "importing the command line",
                {"seconds": "import_cli_s"},
                "s",
                "{seconds:.2f} s",
                "0.3 s",
            ),
        ),
    ),
    Row(
        "idle",
        "live",
        ("bench", "idle"),
        (
            Figure(
                "waiting for the wake word in a quiet room, share of one core",
                {"cpu": "quiet.cpu_percent"},
                "%",
                "{cpu:.1f} %",
                "2 %",
            ),
            Figure(
                "the same while others talk",
                {"cpu": "speech.cpu_percent", "wakes": "speech.wakes"},
                "%",
                "{cpu:.1f} % ({wakes} false wakes)",
                "6 %",
            ),
            Figure(
                "memory, from the beginning to the end of both",
                {"begin": "quiet.begin_mb", "end": "speech.end_mb", "minutes": "minutes"},
                "MB",
                "{begin:.0f} to {end:.0f} MB in {minutes:.0f} minutes",
                "flat",
            ),
        ),
    ),
    Row(
        "wake",
        "live",
        ("bench", "wake"),
        (
            Figure(
                'calls of "Hey Jarvis" in 10 dB of noise or less that were missed',
                {"missed": "calls.missed", "all": "calls.asked"},
                "",
                "{missed} of {all}",
                "below 5 %",
            ),
            Figure(
                "the same in 5 dB of noise",
                {"missed": "calls_in_5_db.missed", "all": "calls_in_5_db.asked"},
                "",
                "{missed} of {all}",
            ),
            Figure(
                "the same by espeak-ng",
                {"missed": "espeak_calls.missed", "all": "espeak_calls.asked"},
                "",
                "{missed} of {all}",
            ),
            Figure(
                "speech, near misses, noise and music without it: false accepts",
                {"count": "other_sound.false_accepts", "hours": "other_sound.hours"},
                "",
                "{count} in {hours:.1f} hours",
                "1 in 8 hours",
            ),
        ),
    ),
    Row(
        "self-trigger",
        "live",
        ("bench", "self-trigger"),
        (
            Figure(
                "its own speech in simulated rooms, echo at 0, -6 and -12 dB: set off by it",
                {
                    "minutes": "spoken_minutes",
                    "wakes": "wakes",
                    "interruptions": "interruptions",
                    "ducked": "ducked",
                },
                "",
                "{wakes} false wakes, {interruptions} false interruptions in {minutes:.0f} minutes "
                "(ducked {ducked} times)",
                "none",
            ),
        ),
    ),
    Row(
        "self-trigger-loop",
        "live",
        ("bench", "self-trigger-loop"),
        (
            Figure(
                "the same through a sound card, echo at -6 dB",
                {
                    "minutes": "spoken_minutes",
                    "wakes": "wakes",
                    "interruptions": "interruptions",
                    "ducked": "ducked",
                },
                "",
                "{wakes} false wakes, {interruptions} false interruptions in {minutes:.1f} minutes "
                "(ducked {ducked} times)",
                "none",
            ),
        ),
    ),
    Row(
        "barge-in",
        "live",
        ("bench", "barge-in"),
        (
            Figure(
                "40 requests over a reply, echo at -6 dB: first voice to 12 dB quieter, median",
                {"ducked": "ducked_median_s"},
                "s",
                "{ducked:.2f} s",
                "0.25 s",
            ),
            Figure(
                "first voice to silence, median and 95th percentile",
                {"median": "silent_median_s", "p95": "silent_p95_s"},
                "s",
                "{median:.2f} s, {p95:.2f} s",
                "0.60 s, 0.90 s",
            ),
            Figure(
                "from the decision to silence at the loudspeaker, at most",
                {"max": "confirmed_to_silent_max_s"},
                "s",
                "{max:.3f} s",
                "0.060 s",
            ),
            Figure(
                "requests that stopped the reply, and that were understood whole",
                {
                    "stopped": "stopped",
                    "whole": "whole",
                    "alone": "whole_alone",
                    "all": "requests",
                },
                "",
                "{stopped} and {whole} of {all} (in a silent room {alone})",
                "38 of 40",
            ),
            Figure(
                "backchannels, coughs, noises, television: stops",
                {"stopped": "others_stopped", "all": "others"},
                "",
                "{stopped} of {all}",
                "2 of 40",
            ),
        ),
    ),
    Row(
        "hotato",
        "live",
        ("bench", "hotato"),
        (
            Figure(
                "public barge-in scenarios, revoiced with their own words: right",
                {"right": "revoiced.right", "all": "revoiced.of"},
                "",
                "{right} of {all}",
                "8 of 8",
            ),
            Figure(
                "the same as recorded, which is tones without words: right",
                {"right": "as_recorded.right", "all": "as_recorded.of"},
                "",
                "{right} of {all}",
                "8 of 8",
            ),
        ),
    ),
    Row(
        "replug",
        "live",
        ("bench", "replug"),
        (
            Figure(
                "a device pulled and put back, in every state: sound again after, median and most",
                {"median": "median_s", "max": "max_s", "count": "count"},
                "s",
                "{median:.1f} s, {max:.1f} s ({count} times)",
                "3 s",
            ),
            Figure(
                "threads and files more than before",
                {"threads": "threads_grown", "files": "files_grown"},
                "",
                "{threads}, {files}",
                "0",
            ),
        ),
    ),
)
