"""What is wanted where no sentence fits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from heisenberg.core.conversation import Conversation, Skills
from heisenberg.core.grounding import Grounding
from heisenberg.core.reply import Answered, answer
from heisenberg.llm.base import Rank
from heisenberg.llm.history import ConversationHistory
from heisenberg.llm.prompts.framing import Framing
from heisenberg.llm.prompts.prompt_words import PromptWords
from heisenberg.skills.base import Action, Call
from heisenberg.skills.choosing.chooser import Before, Chooser
from heisenberg.skills.choosing.sayings import TALK, sayings
from heisenberg.skills.dialogue.dialogue import Dialogue
from heisenberg.skills.repertoire import Repertoire
from tests.fakes.documents import ScriptedKnowledge
from tests.fakes.knowledge import ScriptedEmbedder
from tests.fakes.llm import ScriptedLanguageModel


class _Kitchen:
    """Skills by the names that the examples go by, which note what they are asked."""

    def __init__(self, name: str, *actions: Action) -> None:
        self.name = name
        self.actions = actions


class _Scene:
    def __init__(
        self, *replies: Sequence[str], documents: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.done: list[tuple[str, object]] = []
        timers = _Kitchen("timers", Action("set", self._set, {}))
        lists = _Kitchen("lists", Action("add", self._add, {}))
        helper = _Kitchen(
            "help",
            Action("cannot", self._cannot, {}, pure=True),
            Action("unknown", self._unknown, {}, pure=True),
            Action("undone", self._undone, {}, pure=True),
        )
        melody = _Kitchen("melody", Action("faster", self._cannot, {}, pure=True, follows=True))
        status = _Kitchen("status", Action("memory", self._memory, {}, pure=True))
        schema = {
            "type": "object",
            "properties": {"paths": {"type": "array", "items": {"type": "string"}}},
            "required": ["paths"],
        }
        about = "Delete files and folders from the disk"
        removing = Action("delete", self._remove, {}, schema=schema, confirm=True, about=about)
        files = _Kitchen("files", removing)
        self.llm = ScriptedLanguageModel(replies or [(TALK,)])
        self.embedder = ScriptedEmbedder()
        repertoire = Repertoire((timers, lists, status, files, helper, melody), ("en",))
        self.chooser = Chooser(repertoire, self.llm, self.embedder, ("en",))
        self.conversation = Conversation(
            self.llm,
            ConversationHistory(5),
            PromptWords(),
            grounding=Grounding(ScriptedKnowledge(documents or {}), Framing.load("en")),
            skills=Skills(Dialogue(repertoire), self.chooser),
        )

    async def say(self, text: str) -> str:
        answered = Answered(self.llm.info)
        pieces = [piece async for piece in answer(self.conversation, text, answered)]
        self.conversation.remember(text, answered.text)
        return "".join(pieces)

    async def _set(self, call: Call, duration: timedelta, name: str = "") -> str:
        del call
        self.done.append((name, duration.total_seconds()))
        return "Set."

    async def _add(self, call: Call, item: str, name: str = "") -> str:
        del call
        self.done.append((name, item))
        return "Added."

    async def _cannot(self, call: Call) -> str:
        del call
        return "I can't."

    async def _unknown(self, call: Call) -> str:
        del call
        return "I don't know."

    async def _undone(self, call: Call) -> str:
        del call
        return "I did nothing."

    async def _memory(self, call: Call) -> str:
        del call
        self.done.append(("memory", None))
        return "Half of it is free."

    async def _remove(self, call: Call, paths: list[str]) -> str:
        del call
        self.done.append(("removed", paths))
        return "Gone."


async def _scene(*replies: Sequence[str]) -> _Scene:
    return await asyncio.to_thread(_Scene, *replies)


async def test_what_takes_nothing_is_known_by_what_it_is_like_alone() -> None:
    scene = await _scene()
    assert await scene.say("Is your memory full, please?") == "Half of it is free."
    assert not scene.llm.requests


async def test_a_model_finds_the_slots_and_the_users_words_count() -> None:
    scene = await _scene(('timers_set {"duration": "30 minutes", ', '"name": "rice"}'))
    assert await scene.say("The rice needs twelve more minutes, please") == "Set."
    assert scene.done == [("rice", 720.0)]
    (asked,) = scene.llm.requests
    assert ("The rice needs twelve more minutes", "talk") not in asked.history
    assert any(reply.startswith("timers_set {") for _, reply in asked.history)


async def test_where_there_is_doubt_it_is_asked_back() -> None:
    scene = await _scene(('timers_set {"duration": "15 minutes", "name": "bread"}',))
    question = await scene.say("The rice needs a quarter of an hour more")
    assert question.startswith("Timers, set: duration a quarter of an hour more, name bread?")
    assert not scene.done
    assert await scene.say("Yes.") == "Set."
    assert scene.done == [("bread", 900.0)]


async def test_a_duration_that_nobody_said_is_not_set() -> None:
    reply = ('timers_set {"duration": "12 minutes", "name": "rice"}',)
    scene = await _scene(reply, ("It needs patience.",))
    assert await scene.say("The rice needs some more minutes") == "It needs patience."
    assert not scene.done


@pytest.mark.parametrize(
    ("item", "said"),
    [("coffees", "Added."), ("an apple", "There is tea."), ("a bag of rice", "There is tea.")],
)
async def test_what_the_model_makes_up_is_put_nowhere(item: str, said: str) -> None:
    scene = await _scene((f'lists_add {{"item": "{item}"}}',), ("There is tea.",))
    assert await scene.say("We're running out of coffee") == said


@pytest.mark.parametrize(
    "reply",
    [
        "talk",
        'timers_set {"duration": "for ever"}',
        'timers_set {"duration": "3 min',
        'ovens_set {"duration": "3 minutes"}',
    ],
)
async def test_what_the_model_does_not_take_for_a_call_is_answered(reply: str) -> None:
    scene = await _scene((reply,), ("It needs patience.",))
    assert await scene.say("The rice needs some more minutes") == "It needs patience."
    assert not scene.done


async def test_what_is_like_nothing_known_costs_the_model_nothing() -> None:
    scene = await _scene(("He was a composer.",))
    assert await scene.say("Wolfgang Amadeus composed symphonies") == "He was a composer."
    assert len(scene.llm.requests) == 1


async def test_what_is_hardly_like_anything_is_talk() -> None:
    scene = await _scene(("What a horse!",))
    text = "Somebody should have a look at the memory of my neighbour's old horse"
    assert await scene.say(text) == "What a horse!"
    assert not scene.done


async def test_what_may_be_beyond_everybody_here_is_asked_back() -> None:
    scene = await _scene(('lists_add {"item": "milk"}',))
    assert await scene.say("We are out of milk, order some online") == (
        "Lists, add: item milk? Say yes, and I do it."
    )
    assert not scene.done


async def test_what_cant_be_undone_is_asked_back_with_what_the_model_made_of_it() -> None:
    scene = await _scene(('files_delete {"paths": ["sugar", "salt"]}',))
    question = await scene.say("Delete the files sugar and salt from the disk")
    assert question.startswith("Files, delete: paths sugar, salt?")
    assert not scene.done
    assert "Delete files and folders from the disk" in scene.llm.requests[0].prompt
    assert await scene.say("Yes.") == "Gone."
    assert scene.done == [("removed", ["sugar", "salt"])]


async def test_where_nothing_can_be_compared_the_model_answers() -> None:
    scene = await _scene(("It needs patience.",))
    await scene.embedder.aclose()
    assert await scene.say("The rice needs twelve more minutes") == "It needs patience."


async def test_it_is_learnt_before_anybody_asks() -> None:
    scene = await _scene()
    await scene.chooser.prepare()
    (warmed,) = scene.llm.warmed
    assert len(warmed.history) > 5
    assert scene.llm.constant
    learnt = len(scene.embedder.texts)
    await scene.chooser.choose("Is your memory full, please?", Rank.VOICE)
    assert "Who painted the Mona Lisa?" not in scene.embedder.texts[learnt:]


async def test_what_nobody_here_can_do_is_said_so_at_once() -> None:
    scene = await _scene()
    assert await scene.say("Book a table for two, please") == "I can't."
    assert not scene.llm.requests


async def test_what_only_a_look_at_the_world_would_tell_is_not_made_up() -> None:
    scene = await _scene()
    for _ in range(2):
        assert await scene.say("Has the postman been here already?") == "I don't know."
    assert not scene.llm.requests


async def test_what_was_told_of_it_before_is_left_to_the_model() -> None:
    scene = await _scene(("Good.",), ("Yes, at nine.",))
    await scene.say("The postman brought a letter at nine.")
    assert await scene.say("Has the postman been here already?") == "Yes, at nine."


async def test_what_the_documents_tell_of_it_is_left_to_the_model() -> None:
    documents = {"postman": ["The postman comes at nine."]}
    scene = await asyncio.to_thread(_Scene, ("Yes, at nine.",), documents=documents)
    assert await scene.say("Has the postman been here already?") == "Yes, at nine."


async def test_a_question_near_to_what_nobody_can_do_is_answered_from_documents() -> None:
    documents = {"table": ["A table for two is booked by telephone."]}
    scene = await asyncio.to_thread(_Scene, ("By telephone.",), documents=documents)
    assert await scene.say("Book a table for two?") == "By telephone."
    assert await scene.say("Book a table for two, please") == "I can't."


async def test_what_was_asked_of_nobody_who_could_is_not_said_to_be_done() -> None:
    scene = await _scene()
    assert await scene.say("Did you feed the cat?") == "I did nothing."
    assert not scene.llm.requests


async def test_who_asks_after_what_a_skill_did_is_answered() -> None:
    scene = await _scene(
        ('timers_set {"duration": "12 minutes", "name": "rice"}',), ("Thanks.",), ("Yes.",)
    )
    assert await scene.say("The rice needs twelve more minutes, please") == "Set."
    assert await scene.say("That is very nice of you.") == "Thanks."
    assert await scene.say("Did you do it?") == "Yes."


async def test_an_order_that_sounds_like_a_question_is_none() -> None:
    for text, told in (
        ("Open the garage, somebody is waiting outside", "I can't."),
        ("Who is standing outside the garage?", "I don't know."),
    ):
        assert await (await _scene()).say(text) == told


async def test_what_only_follows_is_not_wished_for_out_of_nothing() -> None:
    scene = await _scene(("It was fast.",))
    assert await scene.say("The tune drags, please pick up the tempo") == "It was fast."
    assert len(scene.llm.requests) == 1
    found = await scene.chooser.choose(
        "The tune drags, please pick up the tempo", Rank.VOICE, Before("melody")
    )
    assert found is not None
    assert found.skill == "melody"


def test_examples_are_in_words_of_their_own() -> None:
    for language in ("en", "fr"):
        every = list(sayings(language))
        assert len({one.said for one in every}) == len(every) > 1000
        assert sum(one.key == TALK for one in every) > 100
