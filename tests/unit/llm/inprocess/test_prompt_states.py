"""The evaluated system prompt outlives the process, in the real engine, and does no harm."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from structlog.testing import capture_logs

from heisenberg.core.config import Config, LlmConfig
from heisenberg.core.errors import StoreError
from heisenberg.engines import llama_cpp
from heisenberg.llm.base import History, Sampling
from heisenberg.llm.inprocess import prompt_states
from heisenberg.llm.inprocess.library import LlamaLibrary, llama_library
from heisenberg.llm.inprocess.llamacpp import LlamaCpp, StopFlag
from heisenberg.llm.inprocess.prompt_states import KEPT, PromptStates
from heisenberg.llm.inprocess.writer import Writer
from heisenberg.llm.request import Request
from heisenberg.store.store import Store
from tests.fakes.gguf import write_tiny_lfm2

SMALL = "smollm2-135m-instruct-q4_1"
QUESTIONS = ("What is the capital of France?", "My dog is called Rex.")
GREEDY = Sampling(temperature=0.0, max_tokens=8)
PERSONALITY = "You are brief, friendly and exact. " * 4


@pytest.fixture(params=["hybrid", pytest.param("rolls back", marks=pytest.mark.models)])
def file(request: pytest.FixtureRequest, tmp_path: Path, models_dir: Path) -> Path:
    """A model of each kind: one that can't be rolled back, and one that can."""
    if request.param == "rolls back":
        return next((models_dir / SMALL).glob("*.gguf"))
    return _tiny(tmp_path)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return _tiny(tmp_path)


def _tiny(folder: Path) -> Path:
    write_tiny_lfm2(folder / "tiny.gguf")
    return folder / "tiny.gguf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where states are kept; it does not exist yet."""
    return tmp_path / "cache" / "prompts"


@dataclass(frozen=True)
class Start:
    """What a process did that was started, warmed, asked two questions and ended."""

    warmed: int
    """Tokens evaluated until it was warm."""
    asked: int
    """Tokens evaluated for the questions and answers."""
    logits: tuple[npt.NDArray[np.float32], ...]
    """From which the first token of each answer was drawn."""
    answers: tuple[str, ...]

    def answers_like(self, other: Start) -> bool:
        return self.answers == other.answers and all(
            np.array_equal(one, another)
            for one, another in zip(self.logits, other.logits, strict=True)
        )


class Process:
    """A loaded model, until it is closed."""

    def __init__(
        self, file: Path, folder: Path | None, prompt: str = PERSONALITY, context_tokens: int = 1024
    ) -> None:
        config = LlmConfig(
            model=str(file), system_prompt=prompt, context_tokens=context_tokens, threads=1
        )
        self.writer = Writer.load(
            file,
            config,
            sampling=GREEDY,
            language="en",
            stop=StopFlag(),
            states_folder=folder,
        )

    def warm(self, system: str | None = None, history: History = ()) -> None:
        if self.writer.begin_warming(system, history):
            while self.writer.warm(StopFlag()):
                pass

    def ask(self, question: str, history: History = ()) -> tuple[npt.NDArray[np.float32], str]:
        reply = self.writer.begin(Request(question, history, None, None))
        answer = ""
        while not reply.ended and reply.tokens == 0:
            answer += reply.advance(StopFlag())
        logits = _logits(self.writer)
        while not reply.ended:
            answer += reply.advance(StopFlag())
        return logits, answer


def _logits(writer: Writer) -> npt.NDArray[np.float32]:
    """Of the token that was evaluated last."""
    api, model = llama_library().api, writer._model
    row = api.llama_get_logits_ith(model._context, -1)
    return np.ctypeslib.as_array(row, (api.llama_vocab_n_tokens(model._vocabulary),)).copy()


Starter = Callable[..., Start]


@pytest.fixture
def start(evaluated: list[int]) -> Starter:
    def start(
        file: Path, folder: Path | None, prompt: str = PERSONALITY, context_tokens: int = 1024
    ) -> Start:
        process = Process(file, folder, prompt, context_tokens)
        evaluated.clear()
        process.warm()
        warmed = sum(evaluated)
        found = [process.ask(question) for question in QUESTIONS]
        process.writer.close()
        logits, answers = zip(*found, strict=True)
        return Start(warmed, sum(evaluated) - warmed, logits, answers)

    return start


def _saved(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_restart_evaluates_no_system_prompt_and_answers_the_same(
    file: Path, folder: Path, start: Starter
) -> None:
    without = start(file, None)
    first = start(file, folder)
    again = start(file, folder)

    assert first.warmed == without.warmed > 20
    assert again.warmed == 0
    assert first.asked == again.asked == without.asked
    assert first.answers_like(without)
    assert again.answers_like(without)


def test_another_prompt_another_context_and_another_build_have_states_of_their_own(
    file: Path, folder: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(file, folder)
    shorter = PERSONALITY[:-10]

    assert start(file, folder, shorter).answers_like(start(file, None, shorter))
    assert start(file, folder, context_tokens=512).warmed == first.warmed
    with monkeypatch.context() as patched:
        patched.setattr(LlamaLibrary, "build", "built anew")
        assert start(file, folder).warmed == first.warmed
    assert len(_saved(folder)) == 4
    assert start(file, folder).warmed == 0


def test_a_library_built_anew_is_another_build(tmp_path: Path) -> None:
    files = [tmp_path / "libllama.so", tmp_path / "libggml-cpu.so"]
    for file in files:
        file.write_bytes(b"code")
    api = SimpleNamespace(
        _lib=SimpleNamespace(_name=str(files[0])),
        llama_log_callback=lambda call: call,
        llama_log_set=lambda *_: None,
        llama_backend_init=lambda: None,
        llama_print_system_info=lambda: b"AVX512 = 1",
    )
    before = LlamaLibrary(api).build
    assert LlamaLibrary(api).build == before

    files[1].write_bytes(b"other code")

    assert LlamaLibrary(api).build != before


def test_a_model_file_that_was_replaced_is_another_model(
    tiny: Path, folder: Path, start: Starter, tmp_path: Path
) -> None:
    before, other = start(tiny, folder), tmp_path / "other.gguf"
    status = tiny.stat()
    write_tiny_lfm2(other, seed=8)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(tiny)
    assert (tiny.stat().st_size, tiny.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)

    after = start(tiny, folder)

    assert not after.answers_like(before)
    assert after.answers_like(start(tiny, None))


def _cut(state: Path) -> None:
    state.write_bytes(state.read_bytes()[:-1])


def _empty(state: Path) -> None:
    state.write_bytes(b"")


def _garbage(state: Path) -> None:
    state.write_bytes(bytes(range(256)) * (state.stat().st_size // 256))


def _one_bit(state: Path) -> None:
    content = bytearray(state.read_bytes())
    content[len(content) // 2] ^= 1
    state.write_bytes(content)


def _pipe(state: Path) -> None:
    state.unlink()
    os.mkfifo(state)


def _huge(state: Path) -> None:
    os.truncate(state, 1 << 40)


@pytest.mark.parametrize("damage", [_cut, _empty, _garbage, _one_bit, _pipe, _huge])
def test_a_damaged_file_is_deleted_and_written_anew(
    file: Path, folder: Path, start: Starter, damage: Callable[[Path], None]
) -> None:
    first = start(file, folder)
    (state,) = _saved(folder)
    whole = state.read_bytes()
    damage(state)

    with capture_logs() as logs:
        second = start(file, folder)

    assert second.warmed == first.warmed
    assert second.answers_like(first)
    assert [log["reason"] for log in logs] == ["it is damaged"]
    assert state.read_bytes() == whole
    assert start(file, folder).warmed == 0


def test_the_state_of_another_prompt_under_this_name_is_damage(
    tiny: Path, folder: Path, start: Starter
) -> None:
    first = start(tiny, folder)
    (state,) = _saved(folder)
    start(tiny, folder, "Be long.")
    (other,) = (found for found in _saved(folder) if found != state)
    shutil.copy(other, state)

    second = start(tiny, folder)

    assert second.warmed == first.warmed
    assert second.answers_like(first)


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_a_state_that_llama_cpp_refuses_is_deleted(
    file: Path, folder: Path, start: Starter, monkeypatch: pytest.MonkeyPatch, part: float
) -> None:
    save = LlamaCpp.save
    with monkeypatch.context() as patched:
        patched.setattr(LlamaCpp, "save", lambda self: _part(save(self), part))
        process = Process(file, folder)
        process.warm()
        process.writer.close()

    with capture_logs() as logs:
        second = start(file, folder)

    assert "refused" in logs[0]["reason"]
    assert len(logs) == 1
    assert second.answers_like(start(file, None))
    assert start(file, folder).warmed == 0


def _part(state: bytes, part: float) -> bytes:
    return state[: int(len(state) * part)]


@pytest.fixture(params=["a file in its place", "a full disk"])
def unwritable(
    request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    if request.param == "a full disk":

        def full(path: Path, **_: object) -> Iterator[None]:
            raise StoreError(f"{path} can't be written: the disk is full.")

        monkeypatch.setattr(prompt_states, "replace_file", full)
    else:
        folder.parent.parent.mkdir(parents=True, exist_ok=True)
        folder.parent.write_bytes(b"")
    return folder


def test_where_nothing_can_be_written_only_the_saving_is_lost(
    tiny: Path, unwritable: Path, start: Starter
) -> None:
    with capture_logs() as logs:
        found = start(tiny, unwritable)

    assert found.answers_like(start(tiny, None))
    assert [log["event"] for log in logs] == ["the evaluated system prompt can't be saved"]


def test_a_folder_in_the_place_of_a_state_does_no_harm(
    tiny: Path, folder: Path, start: Starter
) -> None:
    first = start(tiny, folder)
    (state,) = _saved(folder)
    state.unlink()
    state.mkdir()

    assert start(tiny, folder).answers_like(first)


def test_no_conversation_reaches_the_disk(file: Path, folder: Path) -> None:
    process = Process(file, folder)
    history = [("My dog is called Rex.", "A lovely name.")]

    process.ask("Who am I?")
    process.warm(history=history)
    process.ask("And now?", history)
    process.warm("The user's name is Ada.")
    process.writer.close()
    assert _saved(folder) == []

    process = Process(file, folder)
    process.warm()
    (state,) = _saved(folder)
    content = state.read_bytes()
    process.ask("And now?", history)
    process.warm(history=history)
    process.writer.close()

    assert _saved(folder) == [state]
    assert state.read_bytes() == content


def test_what_is_saved_late_is_what_is_saved_early(tiny: Path, folder: Path) -> None:
    """Nothing of the conversation before is in it."""
    fresh, late = folder / "fresh", folder / "late"
    process = Process(tiny, fresh)
    process.warm()
    process.writer.close()
    process = Process(tiny, late)
    process.warm("Other words.", [("My dog is called Rex.", "A lovely name.")])
    process.warm()
    process.writer.close()

    (one,), (other,) = _saved(fresh), _saved(late)
    assert one.read_bytes() == other.read_bytes()


def test_an_evaluation_that_was_stopped_is_not_saved(tiny: Path, folder: Path) -> None:
    process = Process(tiny, folder)
    stop = StopFlag()
    assert process.writer.begin_warming(None, ())
    assert process.writer.warm(stop)
    stop.set()
    assert process.writer.warm(stop), "it is not done"
    process.writer.close()

    assert _saved(folder) == []


def test_nothing_that_somebody_begins_to_say_is_saved(tiny: Path, folder: Path) -> None:
    process = Process(tiny, folder)
    assert process.writer.begin_warming(None, (), "My dog is called")
    while process.writer.warm(StopFlag()):
        pass
    process.writer.close()

    assert _saved(folder) == []


def test_only_the_last_few_states_are_kept(folder: Path) -> None:
    states = PromptStates(folder, "a model")
    folder.mkdir(parents=True)
    (folder / ".0123.state.half").write_bytes(b"what a power cut left behind")
    os.utime(folder / ".0123.state.half", (0, 0))
    (folder / "notes").write_bytes(b"of somebody else")
    for number in range(KEPT + 2):
        known = set(_saved(folder))
        states.write([number], b"state")
        (new,) = set(_saved(folder)) - known
        os.utime(new, (1 + number, 1 + number))

    kept = [number for number in range(KEPT + 2) if states.read([number])]

    assert kept == list(range(2, KEPT + 2))
    assert len(_saved(folder)) == KEPT + 1
    assert (folder / "notes").exists()


def test_a_state_is_readable_by_its_user_alone(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    PromptStates(folder, "a model").write([1], b"state")
    (state,) = _saved(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert state.stat().st_mode & 0o777 == 0o600


def test_a_state_too_large_is_not_saved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_states, "MOST_BYTES", 4)
    states = PromptStates(folder, "a model")
    states.write([1], b"1234")
    states.write([2], b"12345")

    assert states.read([1]) == b"1234"
    assert states.read([2]) is None


async def test_the_daemon_keeps_it_in_the_users_cache(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evaluated: list[int]
) -> None:
    """Off the event loop: touching a file there fails."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    overrides = [f"llm.model={tiny}", "llm.context_tokens=1024"]
    config = await asyncio.to_thread(Config.load, overrides=overrides)
    store = await asyncio.to_thread(Store.open, config)
    for warmed in (True, False):
        evaluated.clear()
        llm = await llama_cpp(config, store)
        await llm.warm()
        await llm.aclose()
        assert bool(evaluated) is warmed

    assert len(_saved(tmp_path / "cache" / "heisenberg" / "prompts")) == 1
