"""The command line. Nothing heavy is imported until a command runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from heisenberg.cli import (
    ask,
    bench,
    config,
    demo,
    docs,
    doctor,
    forget,
    live,
    llama_server,
    loaded,
    mcp,
    models,
    recommend,
    say,
    service,
    simulate,
    skills,
    trigger,
)
from heisenberg.cli import eval as evaluation


def _exit_with(code: object) -> None:
    """What a command returns becomes the exit code."""
    if isinstance(code, int):
        raise typer.Exit(code)


app = typer.Typer(
    name="heisenberg",
    help="A private voice assistant that runs on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    result_callback=lambda code, **_options: _exit_with(code),
)
app.command("run")(live.run)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.command("ask")(ask.ask)
app.command("chat")(ask.chat)
app.command("eval")(evaluation.evaluate)
app.command("forget")(forget.forget)
app.command("say")(say.say)
app.command("llama-server")(llama_server.llama_server)
app.command("skills")(skills.skills)
app.command("trigger")(trigger.trigger)
app.command("mcp")(mcp.mcp)
app.add_typer(doctor.app, name="doctor")
models.app.command("recommend")(recommend.recommend)
models.app.add_typer(loaded.app)
app.add_typer(models.app, name="models")
app.add_typer(config.app, name="config")
app.add_typer(docs.app, name="docs")
app.add_typer(bench.app, name="bench")
app.add_typer(service.app, name="service")


def _print_version(wanted: bool) -> None:
    if wanted:
        from heisenberg import __version__

        typer.echo(f"heisenberg {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and debug logs.")] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    _configure_logging(debug=debug, daemon=context.invoked_subcommand == "run")


def main() -> None:
    """Run a command; every error becomes one line, a hint and an exit code."""
    from heisenberg.core.errors import HeisenbergError

    try:
        app()
    except HeisenbergError as exc:
        if "--debug" in sys.argv:
            raise
        print(f"heisenberg: {exc.message}", file=sys.stderr)
        if exc.hint:
            print(f"  {exc.hint}", file=sys.stderr)
        sys.exit(exc.exit_code)


def _configure_logging(*, debug: bool, daemon: bool) -> None:
    """What is not worth a line to who waits for a command is one in the log of a daemon."""
    import logging

    import structlog

    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if debug else logging.INFO if daemon else logging.WARNING
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )
