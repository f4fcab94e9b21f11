"""The right model for the machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heisenberg.core.resources import catalogue_file
from heisenberg.machine.inventory import Graphics, Machine
from heisenberg.store.catalogue import Catalogue
from heisenberg.store.selection import judge, recommended

PI_5 = Machine("Cortex-A76", 4, 4096, 3300, 9.0)
MINI_PC = Machine("N100", 4, 16384, 12000, 20.0)
MAC_MINI = Machine("Apple M4", 4, 16384, 12000, 90.0, Graphics("Metal", 10977, used=True))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(catalogue_file())


def _chosen(catalogue: Catalogue, machine: Machine, *languages: str) -> str:
    return recommended(judge(catalogue, machine, languages or ("en",))).entry.id


def test_a_larger_machine_gets_a_better_model(catalogue: Catalogue) -> None:
    order = catalogue.selection.best_first
    places = [order.index(_chosen(catalogue, one)) for one in (PI_5, MINI_PC, MAC_MINI)]

    assert places == sorted(places, reverse=True)
    assert len(set(places)) == 3
    assert _chosen(catalogue, MAC_MINI) == order[0]


def test_what_is_chosen_fits_and_keeps_up_with_a_voice(catalogue: Catalogue) -> None:
    for machine in (PI_5, MINI_PC, MAC_MINI):
        chosen = recommended(judge(catalogue, machine, ("en",)))
        assert chosen.entry.memory_mb < machine.free_mb
        assert chosen.tokens_s >= catalogue.selection.tokens_s
        assert not chosen.against


def test_a_graphics_processor_that_is_not_used_counts_for_nothing(catalogue: Catalogue) -> None:
    unused = replace(MINI_PC, graphics=Graphics("a fast one", 24000))

    assert _chosen(catalogue, unused) == _chosen(catalogue, MINI_PC)
    assert "does not use" in unused.describe()


def test_memory_that_others_use_is_not_counted_on(catalogue: Catalogue) -> None:
    full = replace(MAC_MINI, free_mb=1300)
    judged = {one.entry.id: one for one in judge(catalogue, full, ("en",))}

    assert recommended(list(judged.values())).entry.memory_mb <= 700
    assert "room for 700" in judged["qwen3.5-4b-q4_k_m"].against


def test_on_battery_it_computes_less(catalogue: Catalogue) -> None:
    order = catalogue.selection.best_first
    plugged = _chosen(catalogue, replace(MINI_PC, on_battery=False))
    unplugged = _chosen(catalogue, replace(MINI_PC, on_battery=True))

    assert order.index(unplugged) > order.index(plugged)
    assert plugged == _chosen(catalogue, MINI_PC)


def test_a_model_speaks_all_the_languages(catalogue: Catalogue) -> None:
    judged = judge(catalogue, MAC_MINI, ("en", "fr", "xx"))

    assert all("xx" in one.against or one.entry.speaks("xx") for one in judged)
    assert catalogue.get(_chosen(catalogue, MAC_MINI, "fr")).speaks("fr")


def test_a_machine_for_which_all_are_too_large_gets_the_smallest(catalogue: Catalogue) -> None:
    tiny = Machine("tiny", 1, 512, 200, 1.0)

    assert _chosen(catalogue, tiny) == "smollm2-135m-instruct-q4_1"


def test_this_machine_can_be_looked_at() -> None:
    machine = Machine.look()

    assert machine.memory_mb > machine.free_mb > 0
    assert machine.bandwidth_gb_s > 0.1
    assert f"{machine.cores} cores" in machine.describe()


def test_the_readme_shows_the_models_it_chooses_from(catalogue: Catalogue) -> None:
    readme = (catalogue_file().parent.parent / "README.md").read_text(encoding="utf-8")
    rows = [
        f"| `{entry.id}` | {entry.size / 1e6:.0f} MB | {entry.memory_mb} MB | {entry.licence} |"
        for entry in map(catalogue.get, catalogue.selection.best_first)
    ]

    assert "\n".join(rows) in readme
