"""A language model evaluated in a process of its own, so that its memory is its own.

``python -m heisenberg.bench.llm.evaluation_process JSON`` is that process: it prints its outcome as
JSON on stdout and how far it is on stderr.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import structlog
from pydantic import TypeAdapter, ValidationError

from heisenberg.bench.llm.evaluation_report import Judged, ModelFailure, Outcome
from heisenberg.core.errors import HeisenbergError

_OUTCOME: Final = TypeAdapter[Outcome](Outcome)


@dataclass(frozen=True, slots=True)
class Task:
    """What to evaluate: ``llm.model``, or the configured one; with which settings and questions."""

    model: str | None
    questions: Path
    config: Path | None
    settings: tuple[str, ...]

    @property
    def all_settings(self) -> tuple[str, ...]:
        if self.model is None:
            return self.settings
        # A name is text even where it reads like a number.
        return *self.settings, f"llm.model={json.dumps(self.model)}"


_TASK: Final = TypeAdapter(Task)


async def evaluate_apart(task: Task, name: str) -> Outcome:
    """Run ``task`` in a new process and wait for it; cancelled, it ends the process.

    ``name`` is what a model that fails is called. Nothing is raised for a model: a failure is an
    outcome.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "heisenberg.bench.llm.evaluation_process"),
        _TASK.dump_json(task).decode(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # an interrupt reaches it through us alone, and once
    )
    try:
        out, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    try:
        outcome = _OUTCOME.validate_json(out)
    except ValidationError:
        message = f"The process that evaluated it {_end(process.returncode)}."
        return ModelFailure(name, message, "What it said is above.", 1)
    return replace(outcome, model=name) if isinstance(outcome, ModelFailure) else outcome


def _end(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"died of {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"


async def _evaluated(task: Task) -> Outcome:
    from heisenberg.bench.llm.evaluation import evaluate
    from heisenberg.bench.llm.questions import load_questions
    from heisenberg.core.config import Config

    try:
        config = await asyncio.to_thread(Config.load, task.config, task.all_settings)
        questions = await asyncio.to_thread(load_questions, task.questions)
        counted = _Progress(len(questions.entries))
        return await evaluate(config, questions, counted)
    except HeisenbergError as exc:
        return ModelFailure(task.model or "", exc.message, exc.hint, exc.exit_code)


class _Progress:
    """A line on stderr for each entry."""

    def __init__(self, of: int) -> None:
        self._of = of
        self._done = 0

    def __call__(self, one: Judged) -> None:
        self._done += 1
        mark = "right" if one.passed else "wrong"
        said = " ".join(one.answers[-1].answer.split())
        print(f"  {self._done:3}/{self._of} {mark}  {one.id}: {said}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> None:
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what libraries print is no part of the outcome
        outcome = asyncio.run(_evaluated(_TASK.validate_json(arguments[0])))
        out.write(_OUTCOME.dump_json(outcome))


if __name__ == "__main__":
    main(sys.argv[1:])
