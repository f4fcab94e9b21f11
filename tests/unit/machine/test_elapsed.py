"""Time that nobody can set."""

from __future__ import annotations

from heisenberg.machine.elapsed import boot_id, elapsed_s


def test_it_goes_on_and_this_start_of_the_machine_has_one_name() -> None:
    before_s = elapsed_s()
    assert elapsed_s() >= before_s > 0.0
    assert boot_id()
    assert boot_id() == boot_id()
