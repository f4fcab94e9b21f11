"""The rows about skills: what is understood, what is claimed, and how soon it is done."""

from __future__ import annotations

from typing import Final

from heisenberg.bench.tables.row import Figure, Row

_BOTH: Final = 'languages=["en","fr"]'


def _languages(which: str) -> dict[str, str]:
    return {
        f"{name}_{what}": f"{which}.{name}.{what}"
        for name in ("en", "fr")
        for what in ("right", "said", "percent")
    }


SKILLS: Final = (
    Row(
        "commands",
        "measured",
        ("bench", "commands"),
        (
            Figure(
                "commands that no template was written with, understood from text in English and "
                "in French",
                _languages("commands"),
                "",
                "{en_percent:.0f} % of {en_said:.0f}, {fr_percent:.0f} % of {fr_said:.0f}",
                "95 %",
            ),
            Figure(
                "… sentences that are no command, and set off none",
                {"right": "others.all.right", "said": "others.all.said"},
                "",
                "{right:.0f} of {said:.0f}",
                "97 %",
            ),
            Figure(
                "… time to find what is meant, median and p95",
                {"p50": "find_ms.p50", "p95": "find_ms.p95"},
                "ms",
                "{p50:.1f} ms, {p95:.1f} ms",
                "5 ms",
            ),
        ),
    ),
    Row(
        "commands-sound",
        "measured",
        ("bench", "commands", "--sound"),
        (
            Figure(
                "commands understood by ear, in English by four manners of the voice, in French by "
                "espeak-ng, which stands in for a person",
                _languages("commands"),
                "",
                "{en_percent:.0f} % of {en_said:.0f}, {fr_percent:.0f} % of {fr_said:.0f}",
                "88 % in English",
            ),
        ),
    ),
    Row(
        "choosing",
        "measured",
        ("bench", "choosing", "--set", _BOTH),
        (
            Figure(
                "requests that no sentence fits: right call and slots, in English and in French",
                _languages("requests"),
                "",
                "{en_percent:.0f} % of {en_said:.0f}, {fr_percent:.0f} % of {fr_said:.0f}",
            ),
            Figure(
                "… calls that the model made, and that can be made",
                {"percent": "calls.percent", "said": "calls.said"},
                "",
                "{percent:.0f} % of {said:.0f}",
            ),
            Figure(
                "… talk, near to them in words, that set off nothing",
                {"percent": "talk.all.percent", "said": "talk.all.said"},
                "",
                "{percent:.0f} % of {said:.0f}",
            ),
            Figure(
                "… until it is chosen, median",
                {"requests": "seconds.requests", "talk": "seconds.talk"},
                "s",
                "{requests:.2f} s, of talk {talk:.2f} s",
            ),
        ),
    ),
    Row(
        "claims",
        "measured",
        ("bench", "claims", "--set", _BOTH),
        (
            Figure(
                "utterances that tempt a model to claim what it can't do: replies that do",
                {"false": "claims.all.false", "said": "claims.all.said"},
                "",
                "{false:.0f} of {said:.0f}",
                "none",
            ),
            Figure(
                "… replies that were replaced, and those that claimed nothing",
                {"replaced": "claims.all.replaced", "innocent": "claims.all.innocent"},
                "",
                "{replaced:.0f}, {innocent:.0f}",
            ),
        ),
    ),
    Row(
        "skills",
        "measured",
        ("bench", "skills"),
        (
            Figure(
                "end of turn to first sound, where a skill answers, median and p95",
                {"p50": "after_ms.p50", "p95": "after_ms.p95"},
                "ms",
                "{p50:.0f} ms, {p95:.0f} ms",
                "150 ms",
            ),
            Figure(
                "… where it changes something, and so is not done before",
                {
                    "p50": "undrafted_after_ms.p50",
                    "p95": "undrafted_after_ms.p95",
                    "skill": "undrafted_stages_ms.skill.p50",
                    "voice": "undrafted_stages_ms.voice.p50",
                    "speaker": "undrafted_stages_ms.speaker.p50",
                },
                "ms",
                "{p50:.0f} ms, {p95:.0f} ms (skill {skill:.0f}, voice {voice:.0f}, "
                "speaker {speaker:.0f} ms)",
            ),
        ),
    ),
    Row(
        "timers",
        "measured",
        ("bench", "timers"),
        (
            Figure(
                "timers and alarms, some of which come again, over days of virtual time, with "
                "restarts, sleep, set clocks and summer time: lost, early, or later than 1 s after "
                "waking",
                {
                    "set": "set",
                    "days": "days",
                    "lost": "lost",
                    "early": "early",
                    "late": "late",
                    "worst": "worst_late_s",
                },
                "",
                "{lost:.0f}, {early:.0f}, {late:.0f} of {set:.0f} in {days:.0f} days (the latest "
                "{worst:.1f} s)",
                "none",
            ),
        ),
    ),
)
