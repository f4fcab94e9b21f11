"""With how many threads each engine answers soonest, as it was measured on this machine.

The plans are kept in the user's cache folder, each with what it was measured on: a plan for another
processor, another number of cores or other models is not used.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias

import platformdirs
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heisenberg.core.config import Config
from heisenberg.core.errors import HeisenbergError, InputError
from heisenberg.core.files import check_writable, replace_file
from heisenberg.machine.processor import allowed_cores, processor_name
from heisenberg.store.needs import is_path
from heisenberg.store.store import Store

Part: TypeAlias = Literal["stt", "llm", "tts"]
"""What has a number of threads of its own: the recogniser, the language model, the voice."""

PARTS: Final[tuple[Part, ...]] = ("stt", "llm", "tts")

_MOST_BYTES: Final = 1 << 20
_Threads: TypeAlias = Annotated[int, Field(ge=1, le=256)]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ThreadPlan:
    """How many threads each part computes with."""

    stt: _Threads
    llm: _Threads
    tts: _Threads

    def count(self, part: Part) -> int:
        return {"stt": self.stt, "llm": self.llm, "tts": self.tts}[part]

    def applied_to(self, config: Config) -> Config:
        """``config`` with these numbers where it has none of its own."""
        set_here = configured_threads(config)
        return config.model_copy(
            update={
                part: getattr(config, part).model_copy(update={"threads": self.count(part)})
                for part in PARTS
                if set_here[part] is None
            }
        )


def configured_threads(config: Config) -> dict[Part, int | None]:
    """The numbers that the user has set, which count in place of a plan's."""
    return {"stt": config.stt.threads, "llm": config.llm.threads, "tts": config.tts.threads}


class Circumstances(BaseModel):
    """What a plan is right for; the models by their names in the catalogue or of their files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    processor: str
    cores: int
    stt: str
    llm: str
    tts: str

    @classmethod
    def of(cls, config: Config, store: Store) -> Self:
        """This machine with the models of ``config``. Raises ``HeisenbergError`` when one is
        missing."""

        def name(part: Part, setting: str) -> str:
            if is_path(setting):
                return Path(setting).name
            return store.resolve(part, setting, config.profile, config.languages).id

        return cls(
            processor=processor_name(),
            cores=allowed_cores(),
            stt=name("stt", config.stt.model),
            llm=name("llm", config.llm.model),
            tts=name("tts", config.tts.voice),
        )


class Measured(BaseModel):
    """A plan, what it was measured on, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    circumstances: Circumstances
    plan: ThreadPlan
    date: datetime.date


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plans: list[Measured] = []


def plan_file() -> Path:
    """Where the plans are kept."""
    return platformdirs.user_cache_path("heisenberg") / "threads.json"


def measured_plan(config: Config, store: Store) -> Measured | None:
    """What was measured on this machine with the models of ``config``, if it was."""
    plans = _read(plan_file()).plans
    if not plans:
        return None
    try:
        circumstances = Circumstances.of(config, store)
    except HeisenbergError:  # whoever loads that model says what is wrong
        return None
    return next((one for one in plans if one.circumstances == circumstances), None)


def check_can_store() -> None:
    """Raise ``InputError`` now if no plan could be stored later."""
    file = plan_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InputError(
            f"The folder {file.parent} can't be made: {exc.strerror}.",
            "Set XDG_CACHE_HOME to a folder that can be written.",
        ) from exc
    check_writable(file)


def store_plan(circumstances: Circumstances, plan: ThreadPlan) -> Path:
    """Keep ``plan``, in place of an earlier one for the same; returns the file.

    Raises ``InputError`` when it can't be written, ``StoreError`` when the disk is full.
    """
    check_can_store()
    file = plan_file()
    others = [one for one in _read(file).plans if one.circumstances != circumstances]
    today = datetime.datetime.now(tz=datetime.UTC).astimezone().date()
    new = Measured(circumstances=circumstances, plan=plan, date=today)
    with replace_file(file) as out:
        out.write(_Document(plans=[*others, new]).model_dump_json(indent=2).encode())
    return file


def _read(file: Path) -> _Document:
    """What ``file`` holds; nothing, with a warning, where it is not ours or damaged."""
    try:
        if not file.exists():
            return _Document()
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            reason = "it is no file of this kind"
        else:
            return _Document.model_validate_json(file.read_bytes())
    except ValidationError:
        reason = "it is damaged"
    except OSError as exc:
        reason = exc.strerror or str(exc)
    _log.warning("the measured numbers of threads are not used", file=str(file), reason=reason)
    return _Document()
