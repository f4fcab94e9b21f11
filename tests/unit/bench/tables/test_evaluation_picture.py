"""The picture of an evaluation shows what was found, whatever the models are called."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from heisenberg.bench.llm.evaluation_report import Answer, Judged, ModelReport
from heisenberg.bench.tables.evaluation_picture import evaluation_picture

SVG = "{http://www.w3.org/2000/svg}"


def judged(language: str, *, right: bool, talk: bool = False) -> Judged:
    problems = () if right else ("wrong",)
    return Judged("x", language, "facts", talk, (Answer("?", "!", True, problems, 0.2, 1.2, 21),))


GOOD = ModelReport(
    "good",
    "inprocess",
    600.0,
    (judged("en", right=True), judged("fr", right=True), judged("fr", right=False, talk=True)),
)
POOR = ModelReport(
    "poor & <small>",
    "server",
    None,
    (judged("en", right=True), judged("fr", right=False), judged("fr", right=False, talk=True)),
)


def drawing(*reports: ModelReport) -> ElementTree.Element:
    return ElementTree.fromstring(evaluation_picture(reports))


def widths(picture: ElementTree.Element, kind: str) -> list[float]:
    return [
        float(one.attrib["width"])
        for one in picture.iter(f"{SVG}rect")
        if one.attrib["class"] == kind
    ]


def test_bars_are_as_long_as_what_they_show() -> None:
    picture = drawing(GOOD, POOR)
    tracks, bars = widths(picture, "total"), widths(picture, "bar")
    assert len(tracks) == 8  # four shares of two models
    full = tracks[0]
    shares = [2 / 3, 1 / 3, 1, 1, 1 / 2, 0, 0, 0]
    assert bars[:8] == pytest.approx([max(1.5, full * share) for share in shares], abs=0.1)
    assert bars[8:] == pytest.approx([full] * 5, abs=0.1)  # equally fast; one in this process


def test_every_value_is_written_beside_its_bar() -> None:
    said = [text.text for text in drawing(GOOD, POOR).iter(f"{SVG}text")]
    assert said[1:6] == ["right answers", "good", "2 of 3", "poor & <small>", "1 of 3"]
    assert {"0.20 s", "20", "600 MB"} <= set(said)
    assert said[-1] == "poor & <small>"  # nothing is known of its memory


def test_it_can_be_read_aloud_and_on_dark_pages() -> None:
    text = evaluation_picture([GOOD])
    described = ElementTree.fromstring(text).find(f"{SVG}desc")
    assert described is not None
    assert "right answers, French: good 1 of 2." in (described.text or "")
    assert "prefers-color-scheme: dark" in text


def test_a_long_name_leaves_room_for_the_bars() -> None:
    path = f"/home/{'very/' * 40}deep/model.gguf"
    picture = drawing(ModelReport(path, "inprocess", 1.0, GOOD.judged))
    assert min(widths(picture, "total")) > 200
    names = [one.text or "" for one in picture.iter(f"{SVG}text") if one.get("class") == "name"]
    assert names[0].endswith("deep/model.gguf")


def test_what_no_model_has_is_left_out() -> None:
    alone = ModelReport("poor", "server", None, (judged("en", right=False),))
    said = [text.text for text in drawing(alone).iter(f"{SVG}text")]
    assert "memory (less is better)" not in said
    assert "right answers, French" not in said
