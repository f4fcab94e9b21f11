"""What an evaluation found as a picture: for each measure a bar for each model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from heisenberg.bench.llm.evaluation_report import ALL, MULTI_TURN, ModelReport
from heisenberg.bench.tables.svg import picture

_TITLE: Final = "Language models, asked the same questions"
_GROUPS: Final = (
    (ALL, "right answers"),
    ("en", "right answers, English"),
    ("fr", "right answers, French"),
    (MULTI_TURN, "right answers, conversations"),
)
_WIDTH: Final = 760
_RIGHT: Final = 110
_TOP: Final = 38
_LINE: Final = 19
_BAR: Final = 12
_GAP: Final = 10
_LONGEST: Final = 44
"""Characters of a name; of the path of a file the end says most."""
_CHARACTER: Final = 7.2
"""How wide one is at most, on average, in the picture's letters."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """``values`` in the order of the models, ``None`` where there is none; ``full`` fills the line.

    Of a share what is missing to it is shown as well.
    """

    title: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    full: float
    is_share: bool = False


def evaluation_picture(reports: Sequence[ModelReport]) -> str:
    """The text of an SVG file; ``reports`` has at least one."""
    measures = [*_pass_rates(reports), *_costs(reports)]
    names = [_short(report.model) for report in reports]
    left = round(max(map(len, names)) * _CHARACTER) + 16
    height = _TOP + len(measures) * ((1 + len(names)) * _LINE + _GAP)
    described = " ".join(_described(measure, names) for measure in measures)
    return picture(
        _TITLE,
        described,
        size=(_WIDTH, height),
        body=[
            f'<text class="title" x="0" y="16">{escape(_TITLE)}</text>',
            *_bars(measures, names, left),
        ],
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def _pass_rates(reports: Sequence[ModelReport]) -> Iterator[_Measure]:
    scores = [report.scores() for report in reports]
    for group, title in _GROUPS:
        found = [one.get(group) for one in scores]
        if any(found):
            yield _Measure(
                title,
                tuple(score.share if score else None for score in found),
                tuple(str(score or "") for score in found),
                1.0,
                is_share=True,
            )


def _costs(reports: Sequence[ModelReport]) -> Iterator[_Measure]:
    """The longest bar fills the line; nothing is shown that no model has."""
    first = [report.first_token_s for report in reports]
    speeds = [report.tokens_s for report in reports]
    memory = [report.memory_mb for report in reports]
    yield from _cost("time to first token, median (less is better)", "{:.2f} s", first)
    yield from _cost("tokens a second", "{:.0f}", speeds)
    yield from _cost("memory (less is better)", "{:.0f} MB", memory)


def _cost(title: str, text: str, values: Sequence[float | None]) -> Iterator[_Measure]:
    full = max((one for one in values if one is not None), default=0.0)
    if full > 0.0:
        texts = tuple("" if one is None else text.format(one) for one in values)
        yield _Measure(title, tuple(values), texts, full)


def _described(measure: _Measure, names: Sequence[str]) -> str:
    found = (f"{name} {text}" for name, text in zip(names, measure.texts, strict=True) if text)
    return f"{measure.title}: {', '.join(found)}."


def _bars(measures: Sequence[_Measure], names: Sequence[str], left: int) -> Iterator[str]:
    y = _TOP
    room = _WIDTH - left - _RIGHT
    for measure in measures:
        yield f'<text class="side" x="0" y="{y + _BAR - 1}">{escape(measure.title)}</text>'
        for name, value, text in zip(names, measure.values, measure.texts, strict=True):
            y += _LINE
            yield f'<text class="name" x="{left - 10}" y="{y + _BAR - 1}">{escape(name)}</text>'
            if value is None:
                continue
            if measure.is_share:
                yield f'<rect class="total" x="{left}" y="{y}" width="{room}" height="{_BAR}"/>'
            width = max(1.5, value / measure.full * room)
            yield f'<rect class="bar" x="{left}" y="{y}" width="{width:.1f}" height="{_BAR}"/>'
            yield f'<text x="{left + room + 8}" y="{y + _BAR - 1}">{escape(text)}</text>'
        y += _LINE + _GAP
