"""How the tokens of one reply are drawn: a chain of llama.cpp's samplers."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heisenberg.core.errors import InputError, TurnError
from heisenberg.llm.base import Sampling, Structure
from heisenberg.llm.structure import grammar_of

_PENALTY_TOKENS: Final = 64
_LIKELIEST: Final = 128
"""Tokens that are looked at: a penalty for each of 150,000 took half a millisecond a token."""
_RANDOM_SEED: Final = 0xFFFFFFFF
"""What llama.cpp takes as "draw a seed"."""
_TOKEN_DATA: Final = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""llama.cpp's ``llama_token_data``."""

CLOSING_SIGNS: Final = ('"', "}", "]", "z", "0")
"""What ends JSON's strings, objects and arrays; what can follow only inside a string; and what can
follow there and inside a number."""


class Sampler:
    """It remembers what it drew, for the repeat penalty and the structure: a reply has its own.

    It needs no context, so it may be freed on any thread, and is with the object.
    """

    def __init__(
        self,
        api: Any,
        vocabulary: Any,
        sampling: Sampling,
        structure: Structure | None,
        signs: Mapping[str, int],
    ) -> None:
        """``structure`` is kept by every token drawn; ``signs`` are the tokens of
        ``CLOSING_SIGNS`` that are one token each.

        Raises ``InputError`` if the structure can't be used.
        """
        self._api = api
        self._signs = signs if structure is not None and structure.schema is not None else {}
        self._size = api.llama_vocab_n_tokens(vocabulary)
        self._grammar: Any = None
        self.closed_early = False
        """Whether the reply was brought to its end, and might have had more to say."""
        if structure is not None:
            self._grammar = _open_grammar(api, vocabulary, grammar_of(structure))
            weakref.finalize(self, api.llama_sampler_free, self._grammar).atexit = False
            # JSON repeats its signs.
            sampling = replace(sampling, repeat_penalty=1.0)
        self._chain: Any = api.llama_sampler_chain_init(api.llama_sampler_chain_default_params())
        for link in _links(api, self._size, sampling):
            api.llama_sampler_chain_add(self._chain, link)
        weakref.finalize(self, api.llama_sampler_free, self._chain).atexit = False

    def draw(self, context: Any, *, closes: bool = False) -> int:
        """The next token, from what ``context`` evaluated last; where it ``closes``, what ends a
        reply by a schema soonest.

        Raises ``TurnError`` where no token goes on within the structure.
        """
        api = self._api
        if self._grammar is None:
            return int(api.llama_sampler_sample(self._chain, context, -1))
        closing = self._closing_token() if closes else None
        self.closed_early |= closing is not None
        token = self._drawn(context) if closing is None else closing
        api.llama_sampler_accept(self._grammar, token)
        api.llama_sampler_accept(self._chain, token)
        return token

    def _closing_token(self) -> int | None:
        """What ends the string, else the object or array, that the reply is in, where it may."""
        if self._allows_sign("z"):
            signs: tuple[str, ...] = ('"',)
        elif self._allows_sign("0"):
            return None  # half a number is another number
        else:
            signs = ("}", "]", '"')
        return next((self._signs[sign] for sign in signs if self._allows_sign(sign)), None)

    def _drawn(self, context: Any) -> int:
        api = self._api
        pointer = api.llama_get_logits_ith(context, -1)
        logits = np.ctypeslib.as_array(pointer, (self._size,))
        # Nearly always the model keeps to the structure by itself; to look at one token takes
        # microseconds, at all of them up to a tenth of a second.
        token = self._choose(_Candidates(api, np.arange(self._size), logits))
        if not self._allows(token):
            candidates = _Candidates(api, np.arange(self._size), logits)
            api.llama_sampler_apply(self._grammar, candidates.pointer)
            # llama.cpp ends the whole process when a token is accepted that its grammar forbids.
            if not np.isfinite(candidates.data["logit"]).any():
                raise TurnError(
                    "The grammar for the reply leads to where no word can follow.",
                    "Look for a rule in it that nothing can fulfil.",
                )
            token = self._choose(candidates)
        return token

    def _choose(self, candidates: _Candidates) -> int:
        self._api.llama_sampler_apply(self._chain, candidates.pointer)
        return candidates.selected

    def _allows_sign(self, sign: str) -> bool:
        return sign in self._signs and self._allows(self._signs[sign])

    def _allows(self, token: int) -> bool:
        one = _Candidates(self._api, np.array([token]), np.zeros(1, np.float32))
        self._api.llama_sampler_apply(self._grammar, one.pointer)
        return bool(np.isfinite(one.data["logit"][0]))


class _Candidates:
    """Tokens among which is chosen, in llama.cpp's own form."""

    def __init__(self, api: Any, ids: npt.NDArray[Any], logits: npt.NDArray[np.float32]) -> None:
        self.data = np.zeros(len(ids), _TOKEN_DATA)
        self.data["id"] = ids
        self.data["logit"] = logits
        self._array = api.llama_token_data_array(
            data=self.data.ctypes.data_as(ctypes.POINTER(api.llama_token_data)),
            size=len(ids),
            selected=-1,
            sorted=False,
        )

    @property
    def pointer(self) -> Any:
        return ctypes.byref(self._array)

    @property
    def selected(self) -> int:
        return int(self._array.data[self._array.selected].id)


def _open_grammar(api: Any, vocabulary: Any, grammar: str) -> Any:
    opened = api.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
    if not opened:
        raise InputError(
            "The grammar for the reply can't be used: it is not valid GBNF.",
            "Its first rule is called 'root'.",
        )
    return opened


def _links(api: Any, vocabulary_size: int, sampling: Sampling) -> list[Any]:
    chain = [api.llama_sampler_init_top_k(_LIKELIEST)]
    if sampling.repeat_penalty != 1.0:
        chain.append(
            api.llama_sampler_init_penalties(
                vocabulary_size, _PENALTY_TOKENS, sampling.repeat_penalty, 0.0, 0.0
            )
        )
    if sampling.temperature == 0.0:
        return [*chain, api.llama_sampler_init_greedy()]
    if sampling.top_k:
        chain.append(api.llama_sampler_init_top_k(sampling.top_k))
    if sampling.top_p < 1.0:
        chain.append(api.llama_sampler_init_top_p(sampling.top_p, 1))
    if sampling.min_p > 0.0:
        chain.append(api.llama_sampler_init_min_p(sampling.min_p, 1))
    seed = _RANDOM_SEED if sampling.seed is None else sampling.seed % _RANDOM_SEED
    return [
        *chain,
        api.llama_sampler_init_temp(sampling.temperature),
        api.llama_sampler_init_dist(seed),
    ]
