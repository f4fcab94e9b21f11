"""The whole configuration: one frozen object, read once and passed down.

Command line > ``HEISENBERG_<SECTION>__<KEY>`` > ``heisenberg.toml`` > the defaults below.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from heisenberg.core.config.api import ApiConfig
from heisenberg.core.config.home import HomeConfig
from heisenberg.core.config.knowledge import KnowledgeConfig
from heisenberg.core.config.mcp import McpConfig
from heisenberg.core.config.section import Listed, Section
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.config.source import explain, find_file, parse_overrides, read_file
from heisenberg.core.config.turn import KeyConfig, TurnConfig, WakeConfig
from heisenberg.core.config.wyoming import WyomingConfig

_MODEL_VARIABLES: Final = ("HEISENBERG_MODEL", "IA_MODEL")
"""Each stands for ``HEISENBERG_LLM__MODEL``, and wins over it."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class LlmConfig(Section):
    """The language model. A sampling value that is not set here is the catalogue's."""

    backend: str = "inprocess"
    model: str = "auto"
    """A name from ``heisenberg models list``, a path to a GGUF file, or ``auto``."""
    endpoint: str = "http://localhost:8080/completion"
    """Where the server is, for the back ends that are one; Ollama's own address unless it is set.
    """
    api_key: SecretStr | None = None
    """What the server asks for, if it does."""
    fallback: Annotated[tuple[str, ...], Listed] = ()
    """Back ends that answer, in this order, while the first one can't; each with a model of its own
    choice, since ``model`` is one of the first."""
    keep_alive_s: float = -1.0
    """How long a model stays in memory unused; negative: the one that answers, for ever."""
    memory_mb: int | None = Field(None, ge=1)
    """What the models in this process may hold together (10^6 bytes); ``None``: by the machine."""
    trial_model: str = ""
    """Another model in this process that answers a share of the turns, to compare the two."""
    trial_share: float = Field(0.0, ge=0.0, le=1.0)
    temperature: float = Field(0.7, ge=0.0, le=2.0)
    top_p: float = Field(0.9, gt=0.0, le=1.0)
    top_k: int = Field(40, ge=0, le=1000)
    min_p: float = Field(0.0, ge=0.0, le=1.0)
    repeat_penalty: float = Field(1.1, ge=0.5, le=2.0)
    max_tokens: int = Field(512, ge=1, le=32768)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    context_tokens: int = Field(4096, ge=256, le=131072)
    max_history_turns: int = Field(5, ge=0, le=100)
    system_prompt: str = "default"
    """The name of a personality in ``prompts/``, or the prompt itself."""
    prompt_format: Literal["auto", "chatml", "llama2", "plain"] = "auto"
    timeout_seconds: float = Field(30.0, gt=0.0, le=3600.0)
    """A reply that makes no progress for this long has failed."""
    threads: int | None = Field(None, ge=1, le=256)
    """``None``: as measured by ``heisenberg bench threads``, else the physical cores."""

    @property
    def names_endpoint(self) -> bool:
        """Whether ``endpoint`` is another than the default, which is that of a llama.cpp server."""
        return bool(self.endpoint != type(self).model_fields["endpoint"].default)

    @property
    def key(self) -> str | None:
        """The API key itself."""
        return None if self.api_key is None else self.api_key.get_secret_value()


class CloudConfig(Section):
    """The back end ``cloud``: a service on the internet that speaks OpenAI's interface.

    What is said to Heisenberg leaves the machine when it answers. It does so only where
    ``llm.backend`` or ``llm.fallback`` names it.
    """

    endpoint: str = ""
    """Its address, up to ``/v1``."""
    model: str = ""
    api_key: SecretStr | None = None


class HistoryConfig(Section):
    """What was said."""

    persist: bool = False
    """Whether the running Heisenberg keeps it on disk, in a file that only its owner may read."""


class CacheConfig(Section):
    """Answers that are given again to who asks the same in the same context; in memory only."""

    voice: bool = False
    """Whether a room gives them."""
    api: bool = True
    """Whether a program, or who asks in writing, is given them."""
    entries: int = Field(256, ge=1, le=100_000)
    """How many are kept."""


class SttConfig(Section):
    """Speech to text."""

    engine: str = "whisper"
    model: str = "auto"
    threads: int | None = Field(None, ge=1, le=256)
    """``None``: as measured by ``heisenberg bench threads``, else the physical cores, at most 4."""


class TtsConfig(Section):
    """The voice."""

    engine: str = "piper"
    voice: str = "auto"
    length_scale: float = Field(1.0, ge=0.5, le=2.0)
    """Above 1 is slower, below 1 faster."""
    threads: int | None = Field(None, ge=1, le=256)
    """``None``: as measured by ``heisenberg bench threads``, else the physical cores, at most 2."""


class ControlConfig(Section):
    """The local socket through which ``heisenberg trigger`` reaches the daemon."""

    socket: Path | None = None
    """``None``: in the user's runtime folder."""


class LogConfig(Section):
    """What the daemon writes to its log."""

    transcripts: bool = False
    """Whether the words that were heard and said may be in it."""


class AudioConfig(Section):
    """Devices: a name, a pattern (``USB*``), a number, or empty for the system's default."""

    input_device: str = ""
    output_device: str = ""
    volume: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    echo_cancellation: bool = True
    """Take what the speaker plays out of what the microphone hears."""
    bluetooth_microphone: bool = False
    """Whether a Bluetooth headset's microphone may be opened, which makes its sound a telephone's.
    """


class StoreConfig(Section):
    """Where model files are kept; empty: ``models/`` of a checkout, else the user's data folder."""

    dir: Path | None = None


class Config(BaseSettings):
    """Everything a user can set."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="HEISENBERG_",
        env_nested_delimiter="__",
    )

    profile: Literal["default", "tiny"] = "default"
    """Which models ``auto`` stands for: ``tiny`` for small machines."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)
    """What the voice listens for; the first one is spoken."""
    llm: LlmConfig = LlmConfig()
    cloud: CloudConfig = CloudConfig()
    history: HistoryConfig = HistoryConfig()
    cache: CacheConfig = CacheConfig()
    knowledge: KnowledgeConfig = KnowledgeConfig()
    skills: SkillsConfig = SkillsConfig()
    home: HomeConfig = HomeConfig()
    mcp: McpConfig = McpConfig()
    stt: SttConfig = SttConfig()
    tts: TtsConfig = TtsConfig()
    wake: WakeConfig = WakeConfig()
    turn: TurnConfig = TurnConfig()
    audio: AudioConfig = AudioConfig()
    api: ApiConfig = ApiConfig()
    wyoming: WyomingConfig = WyomingConfig()
    key: KeyConfig = KeyConfig()
    control: ControlConfig = ControlConfig()
    log: LogConfig = LogConfig()
    store: StoreConfig = StoreConfig()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not a place of ours
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not a place of ours
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file_values: Mapping[str, Any] = {}
        if isinstance(init_settings, InitSettingsSource):
            file_values = init_settings.init_kwargs.pop(_FILE_KEY, {})
        file = InitSettingsSource(settings_cls, dict(file_values))
        return init_settings, _model_by_name(settings_cls), env_settings, file

    @classmethod
    def load(cls, file: Path | None = None, overrides: Sequence[str] = ()) -> Config:
        """Read the configuration.

        ``file`` must exist when given; otherwise ``heisenberg.toml`` in the working folder, then
        in the user's configuration folder, is read if there. ``overrides`` are
        ``section.key=value`` texts. Raises ``ConfigError``.
        """
        source = file if file is not None else find_file()
        values = parse_overrides(overrides)
        if source is not None:
            values[_FILE_KEY] = read_file(source)
        try:
            return cls(**values)
        except ValidationError as exc:
            raise explain(exc, source) from exc


_FILE_KEY: Final = "__file__"


def _model_by_name(settings_cls: type[BaseSettings]) -> InitSettingsSource:
    """The language model, by a variable of its own."""
    names = (os.environ.get(name) for name in _MODEL_VARIABLES)
    model = next((name for name in names if name), None)
    return InitSettingsSource(settings_cls, {"llm": {"model": model}} if model else {})
