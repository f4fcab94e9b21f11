"""``heisenberg bench``: measurements."""

from __future__ import annotations

from heisenberg.cli.bench import (
    api,
    choosing,
    knowledge,
    latency,
    live,
    llm,
    satellites,
    skills,
    threads,
    whole,
)

app = whole.app
for one in (api, choosing, knowledge, latency, live, llm, satellites, skills, threads):
    app.add_typer(one.app)
