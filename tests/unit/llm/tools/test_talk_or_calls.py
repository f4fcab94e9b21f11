"""Talk and calls told apart, whatever a model writes and wherever it is cut."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heisenberg.core.errors import InputError, TurnError
from heisenberg.llm.base import ModelInfo, Tool, ToolCall
from heisenberg.llm.generation import Progress
from heisenberg.llm.tools.calls import read_calls
from heisenberg.llm.tools.talk_or_calls import MOST_CHARACTERS as MOST
from heisenberg.llm.tools.talk_or_calls import CallReader, check_tools, without_calls

TIMER = Tool(
    "set_timer",
    "Starts a timer.",
    {
        "type": "object",
        "properties": {"minutes": {"type": "integer", "minimum": 1}, "name": {"type": "string"}},
        "required": ["minutes"],
        "additionalProperties": False,
    },
)
TRIP = Tool(
    "trip",
    "Plans a trip.",
    {
        "type": "object",
        "properties": {"from": {"type": "string"}, "by_train": {"type": "boolean"}},
    },
)
TOOLS = (TIMER, TRIP)
FIVE = ToolCall("set_timer", {"minutes": 5})
HOME = ToolCall("trip", {"from": "home", "by_train": True})
QWEN_FIVE = '<tool_call>\n{"name": "set_timer", "arguments": {"minutes": 5}}\n</tool_call>'
LFM2_FIVE = "<|tool_call_start|>[set_timer(minutes=5)]<|tool_call_end|>"
BARE_FIVE = '{\n  "name": "set_timer",\n  "arguments": {"minutes": 5}\n}'
NOTATIONS = (
    QWEN_FIVE,
    LFM2_FIVE,
    BARE_FIVE,
    '<|tool_call_start|>[{"name": "set_timer", "arguments": {"minutes": 5}}]<|tool_call_end|>',
    '<tool_call>{"name": "set_timer", "parameters": "{\\"minutes\\": 5}"}</tool_call>',
    f"```json\n{BARE_FIVE}\n```",
    f"<tools>\n{BARE_FIVE}\n</tools>",
    # Without the last marker, as where the tokens ran out just then.
    QWEN_FIVE.removesuffix("\n</tool_call>"),
    LFM2_FIVE.removesuffix("<|tool_call_end|>"),
)


def _read(pieces: Sequence[str], tools: Sequence[Tool] = TOOLS) -> tuple[str, list[ToolCall]]:
    reader = CallReader(tools)
    said = "".join([reader.add(piece) for piece in pieces]) + reader.end()
    return said, reader.calls


@pytest.mark.parametrize("text", NOTATIONS)
def test_a_call_is_understood_in_every_notation_and_not_spoken(text: str) -> None:
    assert _read([text]) == ("", [FIVE])


@pytest.mark.parametrize("text", NOTATIONS)
def test_it_may_come_in_any_pieces(text: str) -> None:
    assert _read(list(text)) == ("", [FIVE])
    for size in (2, 3, 7):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert _read(pieces) == ("", [FIVE])


@pytest.mark.parametrize("text", NOTATIONS[:7])
def test_talk_before_and_after_is_talk(text: str) -> None:
    assert _read(list(f"Sure. {text} It runs.")) == ("Sure.  It runs.", [FIVE])


def test_several_calls_come_in_their_order() -> None:
    home = '<|tool_call_start|>[trip(from="home", by_train=True), set_timer(minutes=5)]'
    text = f"{QWEN_FIVE}\n{home}<|tool_call_end|>\n"

    assert _read(list(text)) == ("", [FIVE, HOME, FIVE])


@pytest.mark.parametrize(
    "text",
    [
        "Five < six, and {this} is `code`.",
        "```python\nprint(1)\n```",
        '{"name": "Bohr", "arguments": {}}',
        "< tool_call>and so on",
        "<tool",
        "Fine ```",
        "{",
        '{"name": "set',
    ],
)
def test_what_only_looks_like_a_call_is_said(text: str) -> None:
    assert _read([text]) == (text, [])
    assert _read(list(text)) == (text, [])


def test_talk_is_not_kept_waiting() -> None:
    reader = CallReader(TOOLS)

    assert reader.add("One, two") == "One, two"
    assert reader.add(" <") == " "
    assert reader.add("b") == "<b"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('<tool_call>{"name": "set_timer", "arguments": {"minutes": </tool_call>', "read"),
        ('<tool_call>{"name": "set_timer", "arguments": {"minutes": 5', "read"),
        (BARE_FIVE[:-3], "read"),
        ("<|tool_call_start|>[set_timer(minutes=]<|tool_call_end|>", "read"),
        ("<|tool_call_start|>[set_timer(minutes=print(5))]<|tool_call_end|>", "read"),
        ("<|tool_call_start|>[set_timer(5)]<|tool_call_end|>", "read"),
        ("<|tool_call_start|>[set_timer(**{})]<|tool_call_end|>", "read"),
        ("<|tool_call_start|>[(lambda: 1)()]<|tool_call_end|>", "read"),
        (f"<|tool_call_start|>{'(' * 3000}<|tool_call_end|>", "read"),
        ("<|tool_call_start|>[]<|tool_call_end|>", "names no tool"),
        ("<tool_call>5</tool_call>", "read"),
        ('<tool_call>{"name": ["a"], "arguments": {}}</tool_call>', "no tool"),
        ('<tool_call>{"name": "fire", "arguments": {}}</tool_call>', "no tool 'fire'"),
        ("<|tool_call_start|>[fire()]<|tool_call_end|>", "no tool 'fire'"),
        (QWEN_FIVE.replace("5", '"five"'), "arguments"),
        (QWEN_FIVE.replace("5", "0"), "arguments"),
        (QWEN_FIVE.replace('{"minutes": 5}', "{}"), "arguments"),
        (QWEN_FIVE.replace('{"minutes": 5}', "[5]"), "arguments"),
        ("<|tool_call_start|>[set_timer(minutes=5, hours=1)]<|tool_call_end|>", "arguments"),
    ],
)
def test_what_can_not_be_called_fails_and_is_not_spoken(text: str, problem: str) -> None:
    reader = CallReader(TOOLS)
    said = ""
    with pytest.raises(TurnError, match=problem):
        for piece in ("Well. ", *text):
            said += reader.add(piece)
        reader.end()

    assert said == "Well. "


@pytest.mark.parametrize("begin", ["<tool_call>", '{"name": "set_timer", "arguments": {"name": "'])
def test_a_call_without_an_end_is_ended(begin: str) -> None:
    reader = CallReader(TOOLS)
    reader.add(begin)
    with pytest.raises(TurnError, match="no end"):
        for _ in range(MOST + 1):
            reader.add("a")


def test_a_parameter_may_have_any_name_and_a_text_any_sign() -> None:
    tool = Tool("say", "", {"type": "object", "properties": {"from": {"type": "string"}}})
    said = 'it\'s from="in" \\d\n été 🎉, class=2'
    in_python = f"[say(from={json.dumps(said, ensure_ascii=False)})]"
    in_json = json.dumps({"name": "say", "arguments": {"from": said}})

    for text in (in_python, in_json):
        assert read_calls(text, [tool]) == [ToolCall("say", {"from": said})]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(_VALUES)
def test_every_value_can_be_given(value: Any) -> None:
    tools = [Tool("keep", "", {"type": "object"})]

    for text in (f"keep(value={value!r})", f"[keep(value={json.dumps(value)})]"):
        if "\\ud" not in text:  # Python reads no pairs of surrogates
            assert read_calls(text, tools) == [ToolCall("keep", {"value": value})]


@given(st.text(alphabet='<|tool_ca>{"name": \n`set_timer}/', max_size=60))
def test_whatever_comes_in_talk_is_never_lost_but_for_calls(text: str) -> None:
    whole = CallReader(TOOLS)
    single = CallReader(TOOLS)
    try:
        at_once = whole.add(text) + whole.end()
    except TurnError:
        with pytest.raises(TurnError):
            _read(list(text))
        return
    said = "".join([single.add(piece) for piece in text]) + single.end()
    assert (said, single.calls) == (at_once, whole.calls)
    if not whole.calls:
        assert said == text.lstrip()


async def test_the_calls_of_a_reply_are_known_at_its_end() -> None:
    progress = Progress(ModelInfo("m", "b", 9))

    async def pieces() -> AsyncGenerator[str, None]:
        for piece in ("Now. ", QWEN_FIVE[:20], QWEN_FIVE[20:]):
            yield piece

    said = [text async for text in without_calls(pieces(), TOOLS, progress)]

    assert said == ["Now. "]
    assert progress.calls == (FIVE,)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("set-timer", {"type": "object"}),
        ("", {"type": "object"}),
        ("timer", {"type": "integer"}),
        ("timer", {"type": "nonsense"}),
    ],
)
def test_what_is_no_tool_is_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        check_tools([Tool(name, "", parameters)])


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(InputError):
        check_tools([TIMER, TIMER])
