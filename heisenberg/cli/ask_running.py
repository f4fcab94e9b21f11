"""Asking the running Heisenberg in writing: there is then no second model beside it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from heisenberg.cli.answer_line import answer_line
from heisenberg.core.errors import HeisenbergError
from heisenberg.core.lifecycle import EXIT_INTERRUPTED
from heisenberg.service.wire import ASK, FORGET

if TYPE_CHECKING:
    from heisenberg.core.config import Config
    from heisenberg.core.phrases import Phrases

_SOON_S: Final = 5.0


def control_socket(config: Config) -> Path:
    """Where a running Heisenberg can be asked."""
    from heisenberg.service.places import Places

    return Places.find().control_socket(config.control.socket)


def ask_running(config: Config, question: str, *, show: bool) -> dict[str, Any]:
    """What is known of the answer, which is printed as it comes if ``show``.

    Raises ``NotRunning`` before anything is printed where no Heisenberg runs.
    """
    from heisenberg.service.client import stream

    began_s = time.monotonic()
    first_s: float | None = None
    request = {"do": ASK, "text": question, "who": f"terminal {os.getpid()}"}
    answer: dict[str, Any] = {}
    with answer_line() as line:
        for part in stream(control_socket(config), request, config.llm.timeout_seconds):
            first_s = first_s or time.monotonic()
            if show and "piece" in part:
                line.add(part["piece"])
            answer = part
    ended_s = time.monotonic()
    return {
        **{key: value for key, value in answer.items() if key != "ok"},
        "ttft_ms": round(((first_s or ended_s) - began_s) * 1000, 1),
        "total_ms": round((ended_s - began_s) * 1000, 1),
    }


def chat_running(config: Config, lines: Iterable[str], phrases: Phrases) -> int:
    """Answer each of ``lines`` until they end."""
    from heisenberg.service.client import send

    try:
        for line in lines:
            if phrases.asks_to_forget(line):
                send(control_socket(config), {"do": FORGET}, _SOON_S)
                typer.echo(phrases.forgotten)
                continue
            try:
                ask_running(config, line, show=True)
            except HeisenbergError as exc:
                typer.echo(str(exc), err=True)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0
