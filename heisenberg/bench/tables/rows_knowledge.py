"""The rows about the owner's documents."""

from __future__ import annotations

from typing import Final

from heisenberg.bench.tables.row import Figure, Row


def _search(name: str, title: str, *options: str, aims: tuple[str, str], recall: str) -> Row:
    return Row(
        name,
        "measured",
        ("bench", "search", *options),
        (
            Figure(
                f"search in {title}, median and p95, the question's embedding included",
                {"p50": "with_embedding_s.p50", "p95": "with_embedding_s.p95"},
                "s",
                "{p50:.3f} s, {p95:.3f} s",
                aims[0],
            ),
            Figure(
                "… without it",
                {"p50": "without_embedding_s.p50", "p95": "without_embedding_s.p95"},
                "s",
                "{p50:.3f} s, {p95:.3f} s",
                aims[1],
            ),
            Figure(
                "… of the ten nearest passages found",
                {"recall": "recall_at_10"},
                "",
                "{recall:.3f}",
                recall,
            ),
        ),
    )


KNOWLEDGE: Final = (
    _search("search", "10,000 passages", aims=("p95 0.050 s", "p95 0.015 s"), recall="1"),
    _search(
        "search-postgres",
        "100,000 passages in PostgreSQL",
        "--postgres",
        aims=("", "p95 0.050 s"),
        recall="0.95",
    ),
    Row(
        "indexing",
        "measured",
        ("bench", "indexing"),
        (
            Figure(
                "documents read, embedded and indexed, passages a second",
                {"speed": "passages_s", "tokens": "tokens"},
                "",
                "{speed:.0f} (of {tokens:.0f} tokens)",
                "100",
            ),
        ),
    ),
    Row(
        "retrieval",
        "measured",
        ("bench", "retrieval"),
        (
            Figure(
                "60 questions whose answer is among the first three passages found",
                {
                    "found": "recall.hybrid.at_3",
                    "of": "questions",
                    "share": "recall.hybrid.share_at_3",
                },
                "",
                "{found:.0f} of {of:.0f} ({share:.2f})",
                "0.85",
            ),
            Figure(
                "… by words alone, by vectors alone",
                {"words": "recall.words.at_3", "vectors": "recall.vectors.at_3"},
                "",
                "{words:.0f}, {vectors:.0f}",
            ),
            Figure(
                "… questions that no document answers, and that are answered from none",
                {"near": "nothing_near", "of": "unanswerable"},
                "",
                "{near:.0f} of {of:.0f}",
            ),
        ),
    ),
)
