"""``heisenberg bench threads``: with how many threads each engine answers soonest."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config
from heisenberg.core.errors import HeisenbergError

if TYPE_CHECKING:
    from heisenberg.bench.turns.thread_search import Comparison, Found
    from heisenberg.core.config import Config

app = typer.Typer()
"""Added to ``heisenberg bench``."""

_TITLES: Final = {"stt": "recognition", "llm": "language model", "tts": "voice"}


@app.command()
def threads(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Find the numbers of threads that answer soonest on this machine, and use them from now on."""
    from heisenberg.bench.turns.voice import SAME_FOR_ALL
    from heisenberg.core import lifecycle
    from heisenberg.store.thread_plan import check_can_store

    loaded = load_config(config, [*(settings or ()), *SAME_FOR_ALL])
    check_can_store()
    return lifecycle.run(_threads(loaded, as_json=as_json))


async def _threads(config: Config, *, as_json: bool) -> int:
    import asyncio

    from heisenberg.bench.running.ready import ready_engines
    from heisenberg.bench.turns.thread_turns import bench_threads
    from heisenberg.cli.progress import show_loading
    from heisenberg.core.lifecycle import Stages
    from heisenberg.loading.engine import usual_threads

    def show(one: Comparison) -> None:
        print(f"  {_compared(one)}", file=sys.stderr, flush=True)

    async with Stages(show_loading) as stages:
        engines = await ready_engines(usual_threads(config).applied_to(config), stages)
        found = await bench_threads(config, engines, show)
    stored, problem = await asyncio.to_thread(_store, config, found)
    if as_json:
        typer.echo(json.dumps(_document(found, stored), ensure_ascii=False))
    else:
        typer.echo(_table(found))
    if problem is not None:
        raise problem
    if not as_json:
        typer.echo(f"Stored in {stored}: every start uses it, except where the settings say else.")
    return 0


def _store(config: Config, found: Found) -> tuple[Path | None, HeisenbergError | None]:
    """Where the plan was stored, or why it was not; what was measured is shown all the same."""
    from heisenberg.store.store import Store
    from heisenberg.store.thread_plan import Circumstances, store_plan

    try:
        return store_plan(Circumstances.of(config, Store.open(config)), found.plan), None
    except HeisenbergError as exc:
        return None, exc


def _compared(one: Comparison) -> str:
    present, other = asdict(one.present), asdict(one.other)
    changed = ", ".join(
        f"{_TITLES[part]} {other[part]} instead of {present[part]}"
        for part in present
        if other[part] != present[part]
    )
    verdict = "taken" if one.is_won else "not taken"
    return f"{changed}: {one.other_s:.3f} s instead of {one.present_s:.3f} s, {verdict}"


def _table(found: Found) -> str:
    plan, usual = asdict(found.plan), asdict(found.usual)
    lines = [f"{'threads':<24} {'best':>8} {'usual':>8}"]
    lines += [f"{_TITLES[part]:<24} {plan[part]:8} {usual[part]:8}" for part in plan]
    lines.append(f"{'first sound, median':<24} {found.plan_s:6.3f} s {found.usual_s:6.3f} s")
    if found.plan == found.usual:
        lines.append("The usual numbers are the best here.")
    else:
        lines.append(f"The first sound comes {1 - found.ratio:.0%} sooner.")
    return "\n".join(lines)


def _document(found: Found, stored: Path | None) -> dict[str, Any]:
    return {
        "plan": asdict(found.plan),
        "usual": asdict(found.usual),
        "first_sound_s": {"plan": round(found.plan_s, 4), "usual": round(found.usual_s, 4)},
        "ratio": round(found.ratio, 4),
        "stored": None if stored is None else str(stored),
        "trials": [asdict(trial) for trial in found.trials],
    }
