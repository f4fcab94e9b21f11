"""What the rows about waiting show is in what their commands report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heisenberg.bench.hearing.stt import Comparison, Heard, SttReport
from heisenberg.bench.tables.provenance import Machine
from heisenberg.bench.tables.rows_latency import LATENCY
from heisenberg.bench.tables.table import Origin, measure_missing, read_results
from heisenberg.bench.tables.waterfall import waterfall
from heisenberg.bench.turns.conversation import TENTH, ConversationReport, TextTurn
from heisenberg.bench.turns.endpoint import EndpointReport
from heisenberg.bench.turns.endpoint import Heard as HeardSentence
from heisenberg.bench.turns.sequential import Floor, Sequential
from heisenberg.bench.turns.voice import Trial, Turn, VoiceReport
from heisenberg.core.events import Event, EventRecord
from heisenberg.core.latency import latencies

MACHINE = Machine("A chip", 2, 8, "Linux on x86_64", "3.11.7")


def _turn(*, drafted: bool) -> Turn:
    """A turn with the stages that events of a room give it."""
    spoken = EventRecord(0.5, Event.SPEECH_END, {"voiced_end_s": 0.1, "drafted": drafted})
    events = [spoken, EventRecord(0.6, Event.PLAYBACK_START, {})]
    stages_s = {stage.name: stage.duration_s for stage in latencies(events)[0].stages}
    return Turn("Why?", "Why?", "Because.", 0.5, 0.5, stages_s, 2.0)


def _documents() -> dict[str, dict[str, Any]]:
    heard = Heard("why", 0.1, 0)
    trial = Trial(
        "Why?",
        _turn(drafted=True),
        _turn(drafted=False),
        Sequential(0.5, 0.4, 0.1),
        Floor(0.2, 0.2, 0.1),
    )
    sentence = HeardSentence("Why is it so?", "Why", 0.5, ("Why?", "Why is it so?"), False, 0.4)
    conversation = (TextTurn("Why?", "Because.", 0.1, 20),) * TENTH
    return {
        "endpoint": EndpointReport((sentence,)).as_dict(),
        "voice": VoiceReport((trial,)).as_dict(),
        "stt": SttReport((Comparison("Why?", 1, "plain", "none", 1.0, heard, heard),)).as_dict(),
        "conversation": ConversationReport((conversation,)).as_dict(),
    }


def test_every_report_fills_its_row_and_that_of_the_voice_the_picture(tmp_path: Path) -> None:
    documents = _documents()
    file = tmp_path / "bench.json"
    said: list[str] = []
    failed = measure_missing(
        LATENCY,
        file,
        Origin(MACHINE, "code", "config"),
        lambda row: documents[row.name],
        report=said.append,
    )
    assert failed == [], said
    results = read_results(file)
    assert set(results) == set(documents)
    (voice,) = (row for row in LATENCY if row.name == "voice")
    picture = waterfall(voice, results["voice"])
    assert picture is not None
    assert "without drafts 0.50 s: pause 0.40," in picture
