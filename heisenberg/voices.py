"""The voices that come with Heisenberg, each by ``async (Config, Store) -> TextToSpeech``.

Native libraries are imported by whoever loads one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from heisenberg.core.config import Config
from heisenberg.core.errors import ConfigError, ModelMissing
from heisenberg.engines import locate_model, service_address
from heisenberg.store.store import Store

if TYPE_CHECKING:
    from heisenberg.tts.base import TextToSpeech

_log = structlog.get_logger(__name__)


async def piper(config: Config, store: Store) -> TextToSpeech:
    """A voice for every language; a voice that is configured speaks all of them."""
    if config.tts.voice != "auto":
        return await _piper(config, store)
    voices = {one: await _voice(config, store, one) for one in config.languages}
    return await _by_language({one: voice for one, voice in voices.items() if voice is not None})


async def espeak(config: Config, _store: Store) -> TextToSpeech:
    from heisenberg.tts.espeak import EspeakTts

    scale = config.tts.length_scale
    return await _by_language({one: await EspeakTts.load(one, scale) for one in config.languages})


async def wyoming(config: Config, _store: Store) -> TextToSpeech:
    from heisenberg.wyoming.client.tts import WyomingTts

    return await WyomingTts.load(service_address(config, "tts"))


async def _voice(config: Config, store: Store, language: str) -> TextToSpeech | None:
    """The one for ``language``; where that is not installed, espeak-ng, if that is. ``None``: the
    first language's speaks this one, too."""
    from heisenberg.tts.espeak import EspeakTts, is_there

    try:
        return await _piper(config.model_copy(update={"languages": (language,)}), store)
    except (ModelMissing, ConfigError) as exc:
        if await asyncio.to_thread(is_there):
            _log.warning("espeak-ng speaks", language=language, reason=exc.message, hint=exc.hint)
            return await EspeakTts.load(language, config.tts.length_scale)
        if language == config.languages[0]:
            raise
        _log.warning(
            "no voice for a language", language=language, reason=exc.message, hint=exc.hint
        )
        return None


async def _piper(config: Config, store: Store) -> TextToSpeech:
    from heisenberg.tts.piper import PiperTts

    model = await locate_model(config, store, "tts", config.tts.voice)
    if await asyncio.to_thread(model.is_dir):
        (model,) = await asyncio.to_thread(lambda: list(model.glob("*.onnx")))
    return await PiperTts.load(
        model,
        model.with_name(f"{model.name}.json"),
        length_scale=config.tts.length_scale,
        threads=config.tts.threads,
    )


async def _by_language(voices: Mapping[str, TextToSpeech]) -> TextToSpeech:
    if len(voices) == 1:
        return next(iter(voices.values()))
    from heisenberg.tts.by_language import ByLanguage
    from heisenberg.tts.language import LanguageDetector

    detector = await asyncio.to_thread(LanguageDetector, tuple(voices))
    return ByLanguage(voices, detector.of)
