"""``heisenberg llama-server``: one model for several rooms or programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config


def llama_server(
    model: Annotated[
        Path | None, typer.Argument(help="A GGUF file; without it, the configured model.")
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Without it, that of llm.endpoint; 0: any free one."),
    ] = None,
    slots: Annotated[int, typer.Option(min=1, max=64, help="Requests at the same time.")] = 4,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> None:
    """Serve a model over HTTP, to this machine and others."""
    from heisenberg.llm.inprocess.llamacpp import MOST_THREADS
    from heisenberg.machine.native import require_file, thread_count
    from heisenberg.model_shelf import fitted_weights
    from heisenberg.service.llama_server import ServerPlan, serve

    settled = load_config(config, settings)
    endpoint = urlsplit(settled.llm.endpoint)
    source = model or _configured(settled)
    plan = ServerPlan(
        fitted_weights().of(require_file(source)),
        source.stem,
        host,
        (endpoint.port or 8080) if port is None else port,
        slots,
        settled.llm.context_tokens,
        thread_count(settled.llm.threads, at_most=MOST_THREADS),
    )
    loading = (
        f"Loading {source.name}: {plan.slots} requests at once, "
        f"{plan.context_tokens} tokens each, {plan.threads} threads."
    )
    serve(
        plan,
        lambda: typer.echo(loading),
        lambda url, by: typer.echo(f"Ready at {url} ({by}). Ctrl-C ends it."),
    )


def _configured(config: Config) -> Path:
    from heisenberg.store.needs import is_path
    from heisenberg.store.store import Store

    if is_path(config.llm.model):
        return Path(config.llm.model).expanduser()
    store = Store.open(config)
    entry = store.resolve("llm", config.llm.model, config.profile, config.languages)
    return store.locate(entry.id)
