"""Question sets: the one that ships, and what is said of those that can't be used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from heisenberg.bench.llm.questions import Dialogue, Question, QuestionSet, load_questions
from heisenberg.core.errors import ConfigError
from heisenberg.core.resources import question_set

_GOOD = """
[[questions]]
id = "en-rome"
language = "en"
category = "facts"
ask = "What is the capital of Italy?"
expect = { any = ["rome"], right = ["Rome."], wrong = ["Milan."] }
"""
_FORM = """
[forms.timer]
schema = { type = "object" }
asks = { en = "Write JSON." }
"""


@pytest.fixture(scope="module")
def shipped() -> QuestionSet:
    return load_questions(question_set())


def test_the_shipped_set_has_all_its_entries_half_of_them_french(shipped: QuestionSet) -> None:
    assert Counter(one.language for one in shipped.questions) == {"en": 50, "fr": 50}
    assert Counter(one.language for one in shipped.conversations) == {"en": 10, "fr": 10}
    assert len({one.id for one in shipped.entries}) == 120
    by_language = {
        language: Counter(one.category for one in shipped.entries if one.language == language)
        for language in ("en", "fr")
    }
    assert by_language["en"] == by_language["fr"]
    assert question_set().stat().st_size < 150_000


def test_every_check_of_it_has_an_example_of_a_right_and_of_a_wrong_answer(
    shipped: QuestionSet,
) -> None:
    for question in shipped.questions:
        assert question.expect.right, question.id
        assert question.expect.wrong, question.id
    for dialogue in shipped.conversations:
        for turn in dialogue.turns:
            assert turn.expect is None or (turn.expect.right and turn.expect.wrong), dialogue.id


def test_to_repeat_a_question_of_it_is_no_right_answer(shipped: QuestionSet) -> None:
    for question in shipped.questions:
        assert question.expect.problems(question.ask, question.language), question.id
    for dialogue in shipped.conversations:
        for turn in dialogue.turns:
            if turn.expect is not None:
                assert turn.expect.problems(turn.say, dialogue.language), dialogue.id


def test_a_set_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        _GOOD
        + """
[[conversations]]
id = "fr-chat"
language = "fr"
category = "memory"
turns = [{ say = "Mon chat s'appelle Minou." },
  { say = "Comment s'appelle-t-il ?", expect = { any = ["minou"] } }]
""",
        encoding="utf-8",
    )
    question, dialogue = load_questions(file).entries
    assert isinstance(question, Question)
    assert question.ask == "What is the capital of Italy?"
    assert isinstance(dialogue, Dialogue)
    assert [turn.expect is None for turn in dialogue.turns] == [True, False]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it has no questions"),
        ("[[questions]\n", "is not valid TOML"),
        ("questions = 3", "questions"),
        ("questions = [3]", "'0' in questions"),
        ("[[question]]\n", "question: there is no such key"),
        (_GOOD.replace("any", "some"), "'en-rome' in questions: expect.some: there is no such key"),
        (_GOOD.replace('["rome"]', "[]"), "'en-rome' in questions: .*'expect' checks nothing"),
        (_GOOD.replace('["rome"]', '["!"]'), "expect.any.0: .*needs a letter or a digit"),
        (_GOOD.replace('"en"', '"de"'), "'en-rome' in questions: language"),
        (_GOOD.replace('id = "en-rome"\n', ""), "'0' in questions: id: Field required"),
        (_GOOD.replace("Rome.", "Roma."), "the example 'Roma.' is judged otherwise"),
        (_GOOD.replace("Milan.", "Not Rome."), "the example 'Not Rome.' is judged otherwise"),
        (_GOOD + _GOOD, "2 entries are called 'en-rome'"),
        (_GOOD + 'form = "timer"\n' + _FORM, "'form' and a check of 'json' belong together"),
        (
            _GOOD.replace("any", "json").replace('["rome"]', "{ a = 1 }").split(", right")[0]
            + ' }\nform = "x"\n',
            "'en-rome': there is no form 'x' in en",
        ),
        (_GOOD + _FORM.replace('"object"', '"thing"'), "the schema of the form 'timer'"),
        (
            '[[conversations]]\nid = "a"\nlanguage = "en"\ncategory = "b"\n'
            'turns = [{ say = "Hi." }, { say = "Ho." }]\n',
            "'a' in conversations: .*'expect' checks nothing",
        ),
        (
            '[[conversations]]\nid = "a"\nlanguage = "en"\ncategory = "b"\n'
            'turns = [{ say = "Hi." }, { say = "Ho.", expect = { number = "x" } }]\n',
            "'a' in conversations: turns.1.expect.number",
        ),
    ],
)
def test_what_is_wrong_with_a_set_is_said_with_the_file_and_the_entry(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=said) as raised:
        load_questions(file)
    assert str(file) in raised.value.message
    assert "\n" not in raised.value.message


def test_a_set_that_is_missing_a_folder_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml can't be read: No such file"):
        load_questions(tmp_path / "gone.toml")
    with pytest.raises(ConfigError, match="can't be read: Is a directory"):
        load_questions(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes("# é".encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_questions(latin)
