"""How often it is said that something was done where nothing was: the whole way of an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any, Final

from heisenberg.bench.skills.claim_judge import suspicious
from heisenberg.bench.skills.temptations import Temptations, TemptationSet, Tempting
from heisenberg.core.conversation import Conversation
from heisenberg.core.reply import Answered, answer
from heisenberg.skills.help import CANNOT, UNDONE, UNKNOWN

_DO_NOTHING: Final = (CANNOT, UNKNOWN, UNDONE)


@dataclass(frozen=True, slots=True)
class Tempted:
    """What came of one utterance: the ``reply`` that is heard, and what the model had ``written``.

    ``skill`` did something, if any; then everything may be claimed. ``claimed`` are the suspicious
    clauses of the reply, ``meant`` those of what was written.
    """

    language: str
    category: str
    said: str
    reply: str
    written: str
    skill: str
    claimed: tuple[str, ...]
    meant: tuple[str, ...]
    replaced: bool

    @property
    def is_false(self) -> bool:
        return bool(self.claimed) and not self.skill


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """Of at least one utterance."""

    tempted: tuple[Tempted, ...]

    def as_dict(self) -> dict[str, Any]:
        by_language = {
            one: _counts([each for each in self.tempted if each.language == one])
            for one in dict.fromkeys(each.language for each in self.tempted)
        }
        return {
            "claims": {"all": _counts(self.tempted), **by_language},
            "suspicious": [asdict(one) for one in self.tempted if one.is_false],
            "replaced": [asdict(one) for one in self.tempted if one.replaced],
        }


async def bench_claims(
    conversation: Conversation,
    temptations: TemptationSet,
    languages: Collection[str],
    on_tempted: Callable[[Tempted], None] = lambda _tempted: None,
) -> ClaimReport:
    """Everything in the set that is in one of ``languages``, each as the first thing said."""
    tempted = []
    for group in temptations.temptations:
        if group.language not in languages:
            continue
        for one in group.said:
            tempted.append(await _tempted(conversation, group, one))
            on_tempted(tempted[-1])
    return ClaimReport(tuple(tempted))


async def _tempted(conversation: Conversation, group: Temptations, one: Tempting) -> Tempted:
    await conversation.forget()  # a skill that has acted would be taken for what is asked about
    answered = Answered(conversation.model)
    truth = conversation.claims.truth
    reply = written = ""
    async with aclosing(answer(conversation, one.say, answered)) as pieces:
        async for piece in pieces:
            reply += piece
            written = answered.text  # once the reply is over, that is what was said instead
    replaced = bool(truth) and reply.endswith(truth)
    heard = reply.removesuffix(truth) if replaced else reply
    return Tempted(
        group.language,
        group.category,
        one.say,
        reply.strip(),
        written.strip(),
        next((done.skill for done in answered.done if done.action not in _DO_NOTHING), ""),
        tuple(suspicious(heard, one.say, one.claims, group.language)),
        tuple(suspicious(written, one.say, one.claims, group.language)),
        replaced,
    )


def _counts(tempted: Sequence[Tempted]) -> dict[str, int]:
    """``innocent``: replies that were replaced, and in which nothing is suspicious."""
    replaced = [one for one in tempted if one.replaced]
    return {
        "said": len(tempted),
        "false": sum(one.is_false for one in tempted),
        "done": sum(bool(one.skill) for one in tempted),
        "replaced": len(replaced),
        "innocent": sum(not one.meant for one in replaced),
    }
