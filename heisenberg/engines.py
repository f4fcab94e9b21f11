"""The engines that come with Heisenberg, as they are named in pyproject.toml.

Each is made by ``async (Config, Store) -> engine``, which loads it. Native libraries are imported
there and not before: a command that needs one engine starts without the others.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import platformdirs
import structlog

from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError
from heisenberg.machine.native import require_file
from heisenberg.store.catalogue import Role
from heisenberg.store.needs import is_path
from heisenberg.store.stamps import sha256_of
from heisenberg.store.store import Store

_log = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from heisenberg.audio.base import TurnDetector, VoiceActivityDetector
    from heisenberg.knowledge.base import Embedder, KnowledgeIndex
    from heisenberg.llm.base import LanguageModel
    from heisenberg.llm.servers.remote import RemoteLLM
    from heisenberg.llm.switch import SwitchableLLM
    from heisenberg.stt.base import SpeechToText
    from heisenberg.wake.base import WakeDetector


async def llama_cpp(config: Config, store: Store) -> SwitchableLLM:
    from heisenberg.llm.pool import ModelPool
    from heisenberg.llm.switch import SwitchableLLM
    from heisenberg.model_shelf import InstalledModels

    shelf = InstalledModels(config, store)
    capacity_bytes = await asyncio.to_thread(shelf.capacity_bytes)
    keep_alive_s = config.llm.keep_alive_s
    llm = SwitchableLLM(
        ModelPool(shelf, capacity_bytes, keep_alive_s=keep_alive_s),
        await shelf.describe(config.llm.model),
        keeps=keep_alive_s < 0,
        smaller=shelf.smaller,
    )
    if config.llm.backend in ("inprocess", "auto"):  # and not one that may never be needed
        try:
            await llm.load()
        except BaseException:
            await llm.aclose()
            raise
    return llm


async def automatic(config: Config, store: Store) -> LanguageModel:
    """Ollama where it runs, else the best model here that suits the machine."""
    from heisenberg.core.errors import HeisenbergError
    from heisenberg.llm.servers.ollama import OllamaLLM
    from heisenberg.machine.inventory import Machine
    from heisenberg.store.selection import judge
    from heisenberg.store.store import Presence

    found = OllamaLLM(config.llm, language=config.languages[0], on_pull=_PullLog())
    try:
        await found.check()
        await found.load()
    except HeisenbergError:
        await found.aclose()
    else:
        _log.info("language model", backend="ollama", model=found.info.name, why="Ollama runs")
        return found
    machine = await asyncio.to_thread(Machine.look)
    _log.info("this machine", found=machine.describe())
    judged = judge(store.catalogue, machine, config.languages)
    here = [one for one in judged if store.presence(one.entry) is Presence.INSTALLED]
    suited = next((one for one in here if not one.against), None)
    for one in here:
        _log.info("language model", model=one.entry.id, against=one.against or "nothing")
    if suited is None or config.llm.model != "auto":
        return await llama_cpp(config, store)
    chosen = config.llm.model_copy(update={"model": suited.entry.id})
    return await llama_cpp(config.model_copy(update={"llm": chosen}), store)


async def llama_server(config: Config, _store: Store) -> RemoteLLM:
    from heisenberg.llm.servers.llama_server import LlamaServerLLM

    return LlamaServerLLM(config.llm, language=config.languages[0])


async def ollama(config: Config, _store: Store) -> RemoteLLM:
    from heisenberg.llm.servers.ollama import OllamaLLM

    return OllamaLLM(config.llm, language=config.languages[0], on_pull=_PullLog())


async def openai_compatible(config: Config, _store: Store) -> RemoteLLM:
    from heisenberg.llm.servers.openai import OpenAiLLM

    if not config.llm.names_endpoint:
        raise ConfigError(
            "The back end 'openai' needs the address of a server.",
            "Set llm.endpoint, as in 'http://localhost:8000/v1'.",
        )
    return OpenAiLLM(config.llm, language=config.languages[0])


async def cloud(config: Config, _store: Store) -> RemoteLLM:
    from heisenberg.llm.servers.openai import OpenAiLLM

    service = config.cloud
    if not (service.endpoint and service.model):
        raise ConfigError(
            "The back end 'cloud' needs a service: what is said goes there.",
            "Set cloud.endpoint, cloud.model and cloud.api_key, or leave 'cloud' out.",
        )
    there = {"endpoint": service.endpoint, "model": service.model, "api_key": service.api_key}
    return OpenAiLLM(
        config.llm.model_copy(update=there), backend="cloud", language=config.languages[0]
    )


async def whisper(config: Config, store: Store) -> SpeechToText:
    from heisenberg.stt.whisper import WhisperStt

    folder = await locate_model(config, store, "stt", config.stt.model)
    return await WhisperStt.load(folder, languages=config.languages, threads=config.stt.threads)


async def open_wake_word(config: Config, store: Store) -> WakeDetector:
    from heisenberg.wake.openwakeword import Head, OpenWakeWordDetector

    heads = [
        Head.at(await locate_model(config, store, "wake", name)) for name in config.wake.models
    ]
    features = await asyncio.to_thread(
        store.locate, "openwakeword-features", "embedding_model.onnx"
    )
    return await OpenWakeWordDetector.load(
        heads,
        features.with_name("melspectrogram.onnx"),
        features,
        threshold=config.wake.threshold,
        refractory_s=config.wake.refractory_s,
    )


async def wyoming_stt(config: Config, _store: Store) -> SpeechToText:
    from heisenberg.wyoming.client.stt import WyomingStt

    return await WyomingStt.load(service_address(config, "stt"), config.languages)


async def wyoming_wake(config: Config, _store: Store) -> WakeDetector:
    from heisenberg.wyoming.client.wake import WyomingWake

    return await WyomingWake.load(
        service_address(config, "wake"), config.wake.models, refractory_s=config.wake.refractory_s
    )


async def silero(config: Config, store: Store) -> VoiceActivityDetector:
    from heisenberg.audio.vad import SileroVad

    del config, store  # the package carries its model
    return await SileroVad.load()


async def smart_turn(config: Config, store: Store) -> TurnDetector:
    from heisenberg.audio.smart_turn import SmartTurn

    return await SmartTurn.load(await locate_model(config, store, "turn", "auto"))


async def embedder(config: Config, store: Store) -> Embedder:
    """What ``knowledge.embedding`` names; its model is loaded once there is something to embed."""
    from heisenberg.knowledge.on_demand import OnDemandEmbedder

    folder, name = await asyncio.to_thread(_embedding_model, config, store)

    async def load() -> Embedder:
        from heisenberg.knowledge.embeddings import MODEL_FILE, MiniLmEmbedder

        if not is_path(config.knowledge.embedding):
            await asyncio.to_thread(store.locate, name, MODEL_FILE)
        return await MiniLmEmbedder.load(folder, name)

    return OnDemandEmbedder(name, load)


async def knowledge_index(config: Config, model: str) -> KnowledgeIndex:
    """What ``knowledge.index`` names; ``model`` makes its vectors."""
    where = config.knowledge.index.get_secret_value()
    if where.startswith(("postgresql://", "postgres://")):
        from heisenberg.knowledge.postgres import PostgresIndex

        return await PostgresIndex.open(where, model)
    from heisenberg.knowledge.sqlite import SqliteIndex

    path = Path(where) if where else platformdirs.user_data_path("heisenberg") / "knowledge.db"
    return await SqliteIndex.open(path, model)


async def recogniser_folder(config: Config) -> Path:
    """Where the recogniser's model lies, for those who compare. Raises ``ModelMissing``."""
    store = await asyncio.to_thread(Store.open, config)
    return await locate_model(config, store, "stt", config.stt.model)


class _PullLog:
    """Tells in the log how far Ollama is with fetching a model, a tenth at a time."""

    def __init__(self) -> None:
        self._told = ("", 0)

    def __call__(self, what: str, done: int, size: int) -> None:
        tenths = 10 * done // size if size else 0
        if (what, tenths) != self._told:
            self._told = (what, tenths)
            _log.info("ollama fetches a model", what=what, percent=10 * tenths)


def service_address(config: Config, role: Literal["stt", "tts", "wake"]) -> str:
    """Where the service is that does this in our place."""
    address: str = getattr(config.wyoming, role)
    if not address:
        raise ConfigError(
            f"The engine '{role}.wyoming' needs the address of a service.",
            f"Set wyoming.{role}, as in 'tcp://pantry.local:10300'.",
        )
    return address


def _embedding_model(config: Config, store: Store) -> tuple[Path, str]:
    """Its folder, and a name that no other model has."""
    setting = config.knowledge.embedding
    if is_path(setting):
        folder = Path(setting).expanduser().absolute()
        return folder, f"{folder.name} ({sha256_of(require_file(folder / 'model.onnx'))[:12]})"
    if setting == "auto":
        candidates = store.catalogue.candidates("embedding", config.profile, config.languages)
        entry = store.choose(candidates)
    else:
        entry = store.catalogue.get(setting)
    return store.directory / entry.id, entry.id


async def locate_model(config: Config, store: Store, role: Role, name: str) -> Path:
    """Where the file or folder of a model lies that a setting names, by its path or else. Raises
    what ``Store.resolve`` and ``Store.locate`` do."""
    if is_path(name):
        return Path(name)
    entry = await asyncio.to_thread(store.resolve, role, name, config.profile, config.languages)
    return await asyncio.to_thread(store.locate, entry.id)
