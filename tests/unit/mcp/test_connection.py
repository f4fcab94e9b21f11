"""How long is waited until a server that was lost is tried again."""

from __future__ import annotations

from heisenberg.mcp.connection import next_pause


def test_each_try_that_fails_is_followed_by_a_longer_pause_up_to_five_minutes() -> None:
    pauses = [0.0]
    for _ in range(12):
        pauses.append(next_pause(pauses[-1], lasted_s=0.1))
    assert pauses[1:5] == [1.0, 2.0, 4.0, 8.0]
    assert pauses[-1] == 300.0


def test_after_a_connection_that_lasted_it_is_tried_at_once() -> None:
    assert next_pause(300.0, lasted_s=61.0) == 1.0
