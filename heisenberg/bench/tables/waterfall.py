"""The wait for an answer as a picture: every stage a bar that begins where the last one ended."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from heisenberg.bench.tables.row import Row
from heisenberg.bench.tables.svg import picture
from heisenberg.bench.tables.table import Result

_SIDES: Final = (
    ("with drafts", "v2v_s.p50", "stages_s."),
    ("without drafts", "no_draft_v2v_s", "no_draft_stages_s."),
    ("one after the other", "sequential_v2v_s", "sequential_stages_s."),
)
"""Title, the key of the total in what ``bench voice`` measures, and how keys of stages begin."""

_TITLE: Final = "From the end of a spoken question to the first sound of the answer"
_REST: Final = "not accounted for"
_SMALLEST_REST_S: Final = 0.005
"""What is less would be written as 0.00 s."""

_WIDTH: Final = 760
_LEFT: Final = 170
_RIGHT: Final = 60
_TOP: Final = 38
_LINE: Final = 19
_BAR: Final = 12
_GAP: Final = 12
_MOST_TICKS: Final = 8
_STEPS_S: Final = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class _Bar:
    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class _Side:
    """One way to answer: the wait measured in the sound, and the stages measured beside it."""

    title: str
    total_s: float
    bars: tuple[_Bar, ...]

    @property
    def text(self) -> str:
        stages = (f"{bar.name} {bar.end_s - bar.start_s:.2f}" for bar in self.bars)
        return f"{self.title} {self.total_s:.2f} s: {', '.join(stages)}."


def waterfall(row: Row, result: Result | None) -> str | None:
    """The text of an SVG file, light on light pages and dark on dark ones.

    ``row`` is that of ``bench voice``; ``None`` where ``result`` lacks some of its values. Medians
    of stages need not add up to the median of the whole: what they leave is a bar of its own.
    """
    values = _by_path(row, result) if result is not None else None
    if values is None:
        return None
    return _drawn([_side(values, *names) for names in _SIDES])


def _by_path(row: Row, result: Result) -> dict[str, float] | None:
    """All values by the keys that led to them, or ``None`` where one is missing."""
    found: dict[str, float] = {}
    for index, figure in enumerate(row.figures):
        values = result.values[index] if index < len(result.values) else {}
        if not set(figure.values) <= set(values):
            return None
        found |= {path: float(values[name]) for name, path in figure.values.items()}
    return found


def _side(values: Mapping[str, float], title: str, total: str, prefix: str) -> _Side:
    bars: list[_Bar] = []
    end_s = 0.0
    for path, seconds in values.items():
        if path.startswith(prefix):
            name = path.removeprefix(prefix).partition(".")[0]
            bars.append(_Bar(name, end_s, end_s + seconds))
            end_s += seconds
    if values[total] - end_s >= _SMALLEST_REST_S:
        bars.append(_Bar(_REST, end_s, values[total]))
    return _Side(title, values[total], tuple(bars))


def _drawn(sides: Sequence[_Side]) -> str:
    longest_s = max(max(side.total_s, side.bars[-1].end_s) for side in sides)
    step_s = next((s for s in _STEPS_S if longest_s / s <= _MOST_TICKS), _STEPS_S[-1])
    ticks = math.ceil(longest_s / step_s)
    per_s = (_WIDTH - _LEFT - _RIGHT) / (ticks * step_s)
    lines = sum(1 + len(side.bars) for side in sides)
    bottom = _TOP + lines * _LINE + len(sides) * _GAP
    described = " ".join(side.text for side in sides)
    return picture(
        _TITLE,
        f"Medians in seconds. {described}",
        size=(_WIDTH, bottom + 28),
        body=[
            f'<text class="title" x="0" y="16">{escape(_TITLE)}, medians</text>',
            *_axis(ticks, step_s, per_s, bottom),
            *_sides(sides, per_s),
        ],
    )


def _axis(ticks: int, step_s: float, per_s: float, bottom: int) -> Iterator[str]:
    for tick in range(ticks + 1):
        x = _LEFT + tick * step_s * per_s
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{bottom}"/>'
        unit = " s" if tick == ticks else ""
        yield f'<text class="tick" x="{x:.1f}" y="{bottom + 18}">{tick * step_s:.4g}{unit}</text>'


def _sides(sides: Sequence[_Side], per_s: float) -> Iterator[str]:
    y = _TOP
    for side in sides:
        yield f'<text class="side" x="0" y="{y + _BAR - 1}">{escape(side.title)}</text>'
        width = side.total_s * per_s
        yield f'<rect class="total" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}"/>'
        text = f'x="{_LEFT + width + 5:.1f}" y="{y + _BAR - 1}">{side.total_s:.2f} s</text>'
        yield f'<text class="side" {text}'
        for bar in side.bars:
            y += _LINE
            yield from _bar(bar, y, per_s)
        y += _LINE + _GAP


def _bar(bar: _Bar, y: int, per_s: float) -> Iterator[str]:
    seconds = bar.end_s - bar.start_s
    x, width = _LEFT + bar.start_s * per_s, max(1.5, seconds * per_s)
    kind = "rest" if bar.name == _REST else "bar"
    yield f'<text class="name" x="{_LEFT - 10}" y="{y + _BAR - 1}">{escape(bar.name)}</text>'
    yield (
        f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}">'
        f"<title>{escape(bar.name)} {seconds:.2f} s</title></rect>"
    )
    yield f'<text x="{x + width + 5:.1f}" y="{y + _BAR - 1}">{seconds:.2f}</text>'
