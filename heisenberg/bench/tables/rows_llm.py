"""The rows about the language model alone."""

from __future__ import annotations

from typing import Final

from heisenberg.bench.llm.quantization import LEVELS
from heisenberg.bench.tables.row import Figure, Row


def _structure(name: str, title: str, *options: str) -> Row:
    figure = Figure(
        f"replies by a JSON Schema that parse and fit, {title}",
        {"valid": "valid", "tries": "tries"},
        "",
        "{valid:.0f} of {tries:.0f}",
        "all",
    )
    return Row(name, "measured", ("bench", "structure", *options), (figure,))


LLM: Final = (
    _structure("structure", "default model"),
    _structure("structure-tiny", "`tiny` profile", "--set", "profile=tiny"),
    Row(
        "recall",
        "measured",
        ("bench", "recall"),
        (
            Figure(
                "facts said at the beginning of a conversation of 200 turns and known at its end",
                {"recalled": "recalled", "facts": "facts"},
                "",
                "{recalled:.0f} of {facts:.0f}",
                "9",
            ),
            Figure(
                "… its longest prompt",
                {"tokens": "longest_prompt_tokens"},
                "tokens",
                "{tokens:.0f} tokens",
            ),
            Figure(
                "… time to the first piece, its last turns against those around the tenth",
                {"ratio": "ratio", "tenth": "tenth_s"},
                "",
                "{ratio:.2f} times {tenth:.2f} s",
                "1.3",
            ),
        ),
    ),
    Row(
        "eval",
        "measured",
        ("eval",),
        (
            Figure(
                "everyday questions answered rightly, half of them French",
                {
                    "passed": "models.0.score.all.passed",
                    "of": "models.0.score.all.of",
                    "french": "models.0.score.fr.passed",
                    "french_of": "models.0.score.fr.of",
                },
                "",
                "{passed:.0f} of {of:.0f} (French {french:.0f} of {french_of:.0f})",
            ),
            Figure(
                "… of which conversations",
                {
                    "passed": "models.0.score.multi-turn.passed",
                    "of": "models.0.score.multi-turn.of",
                },
                "",
                "{passed:.0f} of {of:.0f}",
            ),
            Figure(
                "… first token, median; tokens a second; memory the language model adds",
                {
                    "first": "models.0.first_token_s",
                    "speed": "models.0.tokens_s",
                    "memory": "models.0.memory_mb",
                },
                "",
                "{first:.2f} s; {speed:.0f}; {memory:.0f} MB",
            ),
        ),
    ),
    Row(
        "server",
        "measured",
        ("bench", "server"),
        (
            Figure(
                "llama.cpp server, four clients at once against one, tokens a second",
                {"ratio": "ratio", "alone": "alone_tokens_s"},
                "",
                "{ratio:.2f} times {alone:.0f}",
                "1.5",
            ),
            Figure(
                "… a cancelled request has left its slot after, at most",
                {"freed": "freed_max_s"},
                "s",
                "{freed:.2f} s",
                "0.2 s",
            ),
        ),
    ),
    Row(
        "models",
        "measured",
        ("bench", "models"),
        (
            Figure(
                "three language models in turn in a space for two, right answers",
                {"right": "right", "asked": "asked"},
                "",
                "{right:.0f} of {asked:.0f}",
                "all",
            ),
            Figure(
                "… held at most, in a control group that ends what holds more",
                {"peak": "peak_mb", "limit": "limit_mb"},
                "MB",
                "{peak:.0f} of {limit:.0f} MB",
            ),
            Figure(
                "… the longest wait for an answer, loading included",
                {"slowest": "slowest_s"},
                "s",
                "{slowest:.1f} s",
            ),
        ),
    ),
    Row(
        "quantization",
        "measured",
        ("bench", "quantization"),
        tuple(
            Figure(
                f"{'default model in ' if level == LEVELS[0] else '… '}{level}",
                {
                    "file": f"levels.{level}.file_mb",
                    "memory": f"levels.{level}.memory_mb",
                    "speed": f"levels.{level}.tokens_s",
                    "passed": f"levels.{level}.passed",
                    "of": f"levels.{level}.of",
                },
                "",
                "file {file:.0f} MB, memory {memory:.0f} MB, {speed:.0f} tokens/s, "
                "{passed:.0f} of {of:.0f} right",
            )
            for level in LEVELS
        ),
    ),
)
