"""Observers see every event; none of them can disturb what is observed."""

from __future__ import annotations

from structlog.testing import capture_logs

from heisenberg.core.bus import Bus
from heisenberg.core.events import Event, EventRecord


def test_observers_get_events_with_the_time_of_the_clock_or_their_own() -> None:
    seen: list[dict[str, object]] = []
    bus = Bus(lambda: 2.0)
    bus.observe(lambda record: seen.append(record.as_dict()))
    bus.publish(Event.WAKE, model="hey_jarvis", score=0.9)
    bus.publish(Event.PLAYBACK_START, t=2.25)
    assert seen == [
        {"t": 2.0, "event": "wake", "model": "hey_jarvis", "score": 0.9},
        {"t": 2.25, "event": "playback_start"},
    ]


def test_an_observer_that_leaves_sees_no_more() -> None:
    seen: list[EventRecord] = []
    bus = Bus(lambda: 0.0)
    leave = bus.observe(seen.append)
    leave()
    leave()
    bus.publish(Event.READY, say="")
    assert seen == []


def test_a_failing_observer_is_let_go_and_the_others_go_on() -> None:
    def failing(_record: EventRecord) -> None:
        raise ValueError("broken observer")

    seen: list[EventRecord] = []
    bus = Bus(lambda: 0.0)
    bus.observe(failing)
    bus.observe(seen.append)
    with capture_logs() as logs:
        bus.publish(Event.READY, say="")
        bus.publish(Event.READY, say="")
    assert len(seen) == 2
    assert [entry["event"] for entry in logs] == ["observer failed"]


def test_what_an_observer_publishes_comes_after_what_it_observed_for_everybody() -> None:
    seen: list[Event] = []
    bus = Bus(lambda: 0.0)

    def answering(record: EventRecord) -> None:
        if record.event is Event.PLAYBACK_START:
            bus.publish(Event.LATENCY, first_sound_s=0.5, stages={})

    bus.observe(answering)
    bus.observe(lambda record: seen.append(record.event))
    bus.publish(Event.PLAYBACK_START)
    bus.publish(Event.PLAYBACK_END)
    assert seen == [Event.PLAYBACK_START, Event.LATENCY, Event.PLAYBACK_END]
