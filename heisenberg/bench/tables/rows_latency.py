"""The rows about waiting: a spoken question, and the parts of the wait that are measured alone."""

from __future__ import annotations

from typing import Final

from heisenberg.bench.tables.row import Figure, Row

LATENCY: Final = (
    Row(
        "voice",
        "measured",
        ("bench", "voice"),
        (
            Figure(
                "end of speech to first sound, 60 spoken questions in real time, median and p95",
                {"median": "v2v_s.p50", "p95": "v2v_s.p95"},
                "s",
                "{median:.2f} s, {p95:.2f} s",
                "0.75 s, 1.2 s",
            ),
            Figure(
                "… against the same engines one after the other, and without drafts",
                {
                    "ratio": "ratio_to_sequential",
                    "sequential": "sequential_v2v_s",
                    "without": "no_draft_v2v_s",
                },
                "",
                "{ratio:.2f} of {sequential:.2f} s; {without:.2f} s",
                "0.35",
            ),
            Figure(
                "… against the stages alone, on warm engines",
                {"ratio": "ratio_to_floor", "floor": "floor_s"},
                "",
                "{ratio:.2f} times {floor:.2f} s",
                "1.35",
            ),
            Figure(
                "… of which, medians",
                {
                    "pause": "stages_s.pause.p50",
                    "words": "stages_s.recognition.p50",
                    "token": "stages_s.first token.p50",
                    "clause": "stages_s.first clause.p50",
                    "voice": "stages_s.voice.p50",
                    "turn": "stages_s.end of turn.p50",
                    "speaker": "stages_s.speaker.p50",
                },
                "s",
                "pause {pause:.2f}, recognition {words:.2f}, first token {token:.2f}, "
                "first clause {clause:.2f}, voice {voice:.2f}, end of turn {turn:.2f}, "
                "speaker {speaker:.2f} s",
            ),
            Figure(
                "… of which without drafts",
                {
                    "pause": "no_draft_stages_s.pause",
                    "words": "no_draft_stages_s.recognition",
                    "token": "no_draft_stages_s.first token",
                    "clause": "no_draft_stages_s.first clause",
                    "voice": "no_draft_stages_s.voice",
                    "speaker": "no_draft_stages_s.speaker",
                },
                "s",
                "pause {pause:.2f}, recognition {words:.2f}, first token {token:.2f}, "
                "first clause {clause:.2f}, voice {voice:.2f}, speaker {speaker:.2f} s",
            ),
            Figure(
                "… of which one after the other",
                {
                    "silence": "sequential_stages_s.silence",
                    "words": "sequential_stages_s.recognition",
                    "answer": "sequential_stages_s.answer",
                    "voice": "sequential_stages_s.voice",
                },
                "s",
                "silence {silence:.2f}, recognition {words:.2f}, whole answer {answer:.2f}, "
                "voice {voice:.2f} s",
            ),
            Figure(
                "computing in a whole turn, with drafts against without, medians",
                {"ratio": "ratio_cpu", "drafts": "cpu_s", "without": "no_draft_cpu_s"},
                "",
                "{ratio:.2f} times ({drafts:.1f} s, {without:.1f} s of one core)",
                "1.8",
            ),
        ),
    ),
    Row(
        "stt",
        "measured",
        ("bench", "stt"),
        (
            Figure(
                "recognition of 100 utterances in several voices and in noise, median; "
                "faster-whisper with its defaults",
                {"ours": "ours_s.p50", "plain": "plain_s.p50", "times": "times_faster"},
                "",
                "{ours:.2f} s; {plain:.2f} s, {times:.1f} times as long",
                "3 times",
            ),
            Figure(
                "… words wrong; by those defaults",
                {
                    "ours": "ours_wer",
                    "plain": "plain_wer",
                    "points": "wer_difference_points",
                    "low": "wer_difference_interval_points.low",
                    "high": "wer_difference_interval_points.high",
                },
                "",
                "{ours:.1%}; {plain:.1%} (ours {points:+.1f} points, "
                "by the chance of 100 utterances {low:+.1f} to {high:+.1f})",
                "at most 0.3 more",
            ),
        ),
    ),
    Row(
        "endpoint",
        "measured",
        ("bench", "endpoint"),
        (
            Figure(
                "sentences with a pause of 0.3 to 0.9 s inside: cut off in it",
                {"cut": "cut_off", "all": "sentences"},
                "",
                "{cut} of {all}",
                "5 of 100",
            ),
            Figure(
                "… from their end until it is seen, median and p95",
                {"median": "wait_s.p50", "p95": "wait_s.p95"},
                "s",
                "{median:.2f} s, {p95:.2f} s",
                "0.5 s",
            ),
        ),
    ),
    Row(
        "conversation",
        "measured",
        ("bench", "conversation"),
        (
            Figure(
                "first piece of a reply, tenth turn of a conversation against the first, medians",
                {"ratio": "ratio", "first": "first_s", "tenth": "tenth_s"},
                "",
                "{ratio:.2f} times ({tenth:.3f} s, {first:.3f} s)",
                "1.2",
            ),
        ),
    ),
)
