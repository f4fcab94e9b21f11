"""What a wake word measurement says."""

from __future__ import annotations

from heisenberg.bench.hearing.wake_report import Block, Call, Look, WakeReport


def _look(name: str, *, confirmed: bool, took_s: float = 0.1) -> Look:
    return Look(name, 1.0, 0.9, -1.0, took_s, confirmed)


CALL = _look("Hey Jarvis.", confirmed=True)
DOUBT = _look("Hey Jarvis.", confirmed=False)
JARS = _look("Hey jars!", confirmed=True, took_s=0.3)
TRAVIS = _look("Hey Travis!", confirmed=False)

REPORT = WakeReport(
    calls=[
        Call("quiet", (CALL,)),
        Call("pink 10 dB", ()),
        Call("quiet", (DOUBT, CALL)),
        Call("pink 10 dB", (DOUBT,)),
    ],
    loud_calls=[Call("pink 5 dB", ())],
    espeak_calls=[],
    sound_alikes=[Call("hey Chavez", (CALL,)), Call("hey Gervais", (DOUBT,))],
    blocks=[
        Block("speech", 300.0, ()),
        Block("near misses", 300.0, (JARS, TRAVIS)),
        Block("speech", 300.0, (TRAVIS,)),
    ],
).as_dict()


def test_a_call_is_missed_unless_something_in_it_was_confirmed() -> None:
    calls = REPORT["calls"]
    assert (calls["asked"], calls["missed"], calls["missed_percent"]) == (4, 2, 50.0)
    assert calls["missed_at_first_look"] == 1
    assert calls["by_condition"] == {
        "quiet": {"asked": 2, "missed": 0},
        "pink 10 dB": {"asked": 2, "missed": 2},
    }


def test_what_was_not_played_has_no_share() -> None:
    assert REPORT["espeak_calls"]["asked"] == 0
    assert REPORT["espeak_calls"]["missed_percent"] is None


def test_only_what_was_confirmed_is_a_false_accept_and_its_cause_is_named() -> None:
    other = REPORT["other_sound"]
    assert (other["first_looks"], other["false_accepts"]) == (3, 1)
    assert other["hours"] == 0.25
    assert other["by_kind"]["near misses"]["false_accepts"] == 1
    assert other["by_kind"]["speech"] == {"hours": 0.17, "first_looks": 1, "false_accepts": 0}
    [cause] = other["causes"]
    assert (cause["kind"], cause["name"]) == ("near misses", "Hey jars!")


def test_sound_alikes_stand_apart() -> None:
    assert REPORT["sound_alikes"] == {
        "asked": 2,
        "woken": 1,
        "by_words": {"hey Chavez": 1, "hey Gervais": 0},
    }


def test_the_second_looks_time_is_their_median() -> None:
    assert REPORT["check_median_s"] == 0.1
