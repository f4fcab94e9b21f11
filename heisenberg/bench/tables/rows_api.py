"""The rows about programs that ask over HTTP."""

from __future__ import annotations

from typing import Final

from heisenberg.bench.tables.row import Figure, Row

API: Final = (
    Row(
        "clippy",
        "measured",
        ("bench", "clippy"),
        (
            Figure(
                "a question about documents over HTTP, 200 tokens of them: first token, median",
                {"first": "first_token_s"},
                "s",
                "{first:.2f} s",
                "1.2 s",
            ),
            Figure(
                "… against the same prompt given to the model alone, median and most",
                {"ratio": "ratio", "most": "ratio_max", "alone": "alone_s"},
                "",
                "{ratio:.2f}, {most:.2f} times {alone:.2f} s",
                "1.1",
            ),
            Figure(
                "… another question about the same passages; the same question again",
                {"same": "same_documents_s", "again": "again_ms"},
                "s",
                "{same:.2f} s; {again:.0f} ms",
                "0.6 s; 30 ms",
            ),
        ),
    ),
    Row(
        "yield",
        "measured",
        ("bench", "yield"),
        (
            Figure(
                "a voice's first token while a program's reply is being written: later by, median "
                "and most",
                {"wait": "wait_s", "most": "wait_max_s", "alone": "alone_s"},
                "s",
                "{wait:.2f} s, {most:.2f} s (alone {alone:.2f} s)",
                "0.1 s",
            ),
        ),
    ),
    Row(
        "requests",
        "measured",
        ("bench", "requests"),
        (
            Figure(
                "requests of every kind that the API describes, and malformed ones: failed",
                {"requests": "requests", "failed": "failed", "minutes": "minutes"},
                "",
                "{failed:.0f} of {requests:.0f} in {minutes:.0f} minutes",
                "0",
            ),
        ),
    ),
    Row(
        "api-load",
        "measured",
        ("bench", "api-load"),
        (
            Figure(
                "end of speech to first sound while 50 programs watch and 20 requests a second "
                "come, against without",
                {"ratio": "ratio", "alone": "alone_first_sound_s", "failed": "failed"},
                "",
                "{ratio:.2f} times {alone:.2f} s ({failed:.0f} requests failed)",
                "1.1",
            ),
        ),
    ),
)
