from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from heisenberg.knowledge.documents.base import Block, Section
from heisenberg.knowledge.documents.chunking import MOST_TOKENS, estimated_tokens, passages_of
from heisenberg.knowledge.documents.lines import blocks_of, lines_of

SENTENCE = "The quick brown fox jumps over the lazy dog again and again. "


def texts(*blocks: Block) -> list[str]:
    return [one.text for one in passages_of("/a", [Section("", blocks)])]


def test_short_paragraphs_share_a_passage_and_sections_do_not() -> None:
    sections = [
        Section("One", [Block(1, "a"), Block(3, "b")]),
        Section("Two", [Block(7, "c")]),
    ]
    assert [(one.heading, one.line, one.text) for one in passages_of("/a", sections)] == [
        ("One", 1, "a\n\nb"),
        ("Two", 7, "c"),
    ]


def test_a_passage_begins_at_a_paragraph_where_it_can() -> None:
    paragraphs = [Block(1 + 2 * at, SENTENCE * 8 + str(at)) for at in range(4)]
    found = texts(*paragraphs)
    assert len(found) == 4
    assert found[1] == paragraphs[1].text


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    found = texts(Block(1, SENTENCE * 60))
    assert len(found) > 2
    assert all(one.startswith("The quick") and one.rstrip().endswith("again.") for one in found)


def test_code_that_is_too_long_stays_code_in_each_piece() -> None:
    code = "\n".join(f"value_{number} = compute({number}, {number})" for number in range(60))
    passages = passages_of(
        "/a", [Section("", blocks_of(lines_of(f"```py\n{code}\n```"), 1, fences=True))]
    )
    assert len(passages) > 2
    for passage in passages:
        assert passage.text.startswith("```py\nvalue_")
        assert passage.text.endswith("\n```")
    assert passages[0].line == 2
    lines = lines_of(f"```py\n{code}\n```")
    assert all(lines[one.line - 1] == one.text.split("\n")[1] for one in passages)


def test_a_word_that_is_too_long_is_cut() -> None:
    found = texts(Block(1, "x1" * 5000))
    assert "".join(found).replace("\n", "") == "x1" * 5000
    assert all(estimated_tokens(one) <= 2 * MOST_TOKENS for one in found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from("ab \n.!é語`~-_1"), max_size=400), min_size=1, max_size=6))
def test_no_word_is_lost_and_no_passage_too_long(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    passages = passages_of("/a", [Section("", blocks_of(lines_of(text), 1))])
    kept = "".join("".join(one.text for one in passages).split())
    assert kept == "".join(text.split())
    assert all(estimated_tokens(one.text) <= MOST_TOKENS for one in passages)
    lines = lines_of(text)
    assert all(lines[one.line - 1].strip() for one in passages)
