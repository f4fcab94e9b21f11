"""The picture of the wait shows what was measured, and nothing where it was not."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from heisenberg.bench.tables.provenance import Machine
from heisenberg.bench.tables.rows import ROWS
from heisenberg.bench.tables.table import Result, read_results
from heisenberg.bench.tables.waterfall import waterfall

ROOT = Path(__file__).resolve().parents[4]
SVG = "{http://www.w3.org/2000/svg}"

(VOICE,) = (row for row in ROWS if row.name == "voice")
WITH = {
    "pause": 0.13,
    "recognition": 0.26,
    "first token": 0.16,
    "first clause": 0.17,
    "voice": 0.1,
    "end of turn": 0.02,
    "speaker": 0.01,
}
WITHOUT = {
    "pause": 0.4,
    "recognition": 0.2,
    "first token": 0.1,
    "first clause": 0.15,
    "voice": 0.1,
    "speaker": 0.05,
}
SEQUENTIAL = {"silence": 0.8, "recognition": 0.5, "answer": 0.6, "voice": 0.3}
MEASURED = {
    "v2v_s.p50": 0.9,
    "no_draft_v2v_s": 1.0,
    "sequential_v2v_s": 2.2,
    **{f"stages_s.{name}.p50": seconds for name, seconds in WITH.items()},
    **{f"no_draft_stages_s.{name}": seconds for name, seconds in WITHOUT.items()},
    **{f"sequential_stages_s.{name}": seconds for name, seconds in SEQUENTIAL.items()},
}


def result(measured: dict[str, float]) -> Result:
    """What the row holds; whatever the picture has no use for is 7."""
    values = tuple(
        {name: measured.get(path, 7.0) for name, path in figure.values.items()}
        for figure in VOICE.figures
    )
    machine = Machine("A chip", 2, 8, "Linux on x86_64", "3.11.7")
    return Result(VOICE.shown_command, values, (), machine, "2026-11-21", "0.1.0", "c", "c")


def drawing(measured: dict[str, float]) -> ElementTree.Element:
    text = waterfall(VOICE, result(measured))
    assert text is not None
    return ElementTree.fromstring(text)


def rectangles(picture: ElementTree.Element, *kinds: str) -> list[tuple[float, float]]:
    """Where they begin and end."""
    found = [one.attrib for one in picture.iter(f"{SVG}rect") if one.attrib["class"] in kinds]
    return [(float(one["x"]), float(one["x"]) + float(one["width"])) for one in found]


def test_each_bar_begins_where_the_one_before_it_ended() -> None:
    picture = drawing(MEASURED)
    bars = rectangles(picture, "bar", "rest")
    starts = [index for index, (begin, _) in enumerate(bars) if begin == bars[0][0]]
    assert starts == [0, 8, 14]  # seven stages and a rest, then six, then four
    for index in range(1, len(bars)):
        if index not in starts:
            assert bars[index][0] == pytest.approx(bars[index - 1][1], abs=0.11)


def test_bars_are_as_long_as_what_they_show_and_the_whole_is_told_for_every_side() -> None:
    picture = drawing(MEASURED)
    totals = [end - begin for begin, end in rectangles(picture, "total")]
    assert totals == pytest.approx([totals[0], totals[0] / 0.9, totals[0] / 0.9 * 2.2], abs=0.2)
    silence = rectangles(picture, "bar")[13]
    assert silence[1] - silence[0] == pytest.approx(totals[0] / 0.9 * 0.8, abs=0.2)
    said = [text.text for text in picture.iter(f"{SVG}text")]
    assert {"0.90 s", "1.00 s", "2.20 s"} <= set(said)


def test_what_the_stages_leave_of_the_whole_is_a_bar_of_its_own() -> None:
    picture = drawing(MEASURED)
    (rest,) = rectangles(picture, "rest")
    (whole, *_) = rectangles(picture, "total")
    assert rest[1] == pytest.approx(whole[1], abs=0.11)
    said = [text.text for text in picture.iter(f"{SVG}text")]
    assert said[said.index("not accounted for") + 1] == "0.05"
    without = drawing({**MEASURED, "v2v_s.p50": 0.85})
    assert rectangles(without, "rest") == []


def test_medians_that_add_up_to_more_than_the_whole_leave_nothing() -> None:
    picture = drawing({**MEASURED, "sequential_v2v_s": 2.0})
    right = float(picture.attrib["viewBox"].split()[2])
    assert len(rectangles(picture, "rest")) == 1  # that of the side with drafts
    assert max(end for _, end in rectangles(picture, "bar")) < right


def test_it_can_be_read_aloud_and_on_dark_pages() -> None:
    text = waterfall(VOICE, result(MEASURED))
    assert text is not None
    picture = ElementTree.fromstring(text)
    named = picture.attrib["aria-labelledby"].split()
    read = {one.attrib.get("id"): one.text or "" for one in picture}
    assert "first sound of the answer" in read[named[0]]
    assert "with drafts 0.90 s: pause 0.13," in read[named[1]]
    assert "one after the other 2.20 s: silence 0.80," in read[named[1]]
    assert "prefers-color-scheme: dark" in text


def test_nothing_is_drawn_of_a_row_that_lacks_a_value() -> None:
    assert waterfall(VOICE, None) is None
    whole = result(MEASURED)
    for index, values in enumerate(whole.values):
        for name in values:
            fewer = {key: value for key, value in values.items() if key != name}
            parts = (*whole.values[:index], fewer, *whole.values[index + 1 :])
            lacking = Result(whole.command, parts, (), whole.machine, whole.date, "0.1.0", "c", "c")
            assert waterfall(VOICE, lacking) is None


def test_the_picture_beside_the_readme_is_that_of_the_measurements_that_are_kept() -> None:
    kept = read_results(ROOT / "docs" / "bench.json").get("voice")
    file = ROOT / "docs" / "voice-latency.svg"
    there = file.read_text(encoding="utf-8") if file.exists() else None
    assert there == waterfall(VOICE, kept), "run: .venv/bin/python -m scripts.bench_tables"
    assert "(docs/voice-latency.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
