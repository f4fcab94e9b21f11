"""The command line. Nothing heavy is imported until a command runs."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final

import click
import typer

from heisenberg.cli import ask, config, demo, doctor, live, models, say, simulate

EXIT_INTERRUPTED: Final = 130
_WRONG_USE: Final = 2

app = typer.Typer(
    name="heisenberg",
    help="A private voice assistant that runs on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(live.run)
app.command("demo")(demo.demo)
app.command("simulate")(simulate.simulate)
app.command("ask")(ask.ask)
app.command("chat")(ask.chat)
app.command("say")(say.say)
app.command("doctor")(doctor.doctor)
app.add_typer(models.app, name="models")
app.add_typer(config.app, name="config")


@app.callback(invoke_without_command=False)
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and debug logs.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from heisenberg import __version__

        typer.echo(f"heisenberg {__version__}")
        raise typer.Exit
    _configure_logging(debug=debug)


def main() -> None:
    """Run a command; every error becomes one line and an exit code."""
    sys.exit(_run())


def _run() -> int:
    from heisenberg.core.errors import HeisenbergError

    try:
        code = app(standalone_mode=False)
    except click.ClickException as exc:
        exc.show()
        return _WRONG_USE
    except HeisenbergError as exc:
        if "--debug" in sys.argv:
            raise
        print(f"heisenberg: {exc.message}", file=sys.stderr)
        if exc.hint:
            print(f"  {exc.hint}", file=sys.stderr)
        return exc.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("Stopped.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as with "| head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _configure_logging(*, debug: bool) -> None:
    import logging

    import structlog

    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if debug else logging.WARNING
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )
