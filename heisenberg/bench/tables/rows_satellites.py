"""The row about rooms at the other end of a network."""

from __future__ import annotations

from typing import Final

from heisenberg.bench.tables.row import Figure, Row


def _figures(kind: str, title: str) -> tuple[Figure, Figure]:
    first = Figure(
        f"{title}: first sound of three asked at once against one alone, medians",
        {
            "ratio": f"{kind}.ratio",
            "alone": f"{kind}.alone_s",
            "most": f"{kind}.ratio_max",
        },
        "",
        "{ratio:.2f} times {alone:.2f} s (a question {most:.2f} times its own at most)",
        "2.2",
    )
    right = Figure(
        "… of which each was given the answer to its own question",
        {"right": f"{kind}.right", "asked": f"{kind}.asked", "alone": f"{kind}.right_alone"},
        "",
        "{right} of {asked} (alone {alone})",
        "as many as alone",
    )
    return first, right


SATELLITES: Final = (
    Row(
        "satellites",
        "measured",
        ("bench", "satellites"),
        (
            *_figures("skills", "three satellites, questions that need no model"),
            *_figures("model", "three satellites, questions to the model"),
        ),
    ),
)
