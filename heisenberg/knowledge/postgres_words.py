"""Searching passages in PostgreSQL by their words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_RARE: Final = 500
"""A word in so many passages, or in more, tells too little to look at them all."""
_WEIGHTS: Final = "{0.5, 0.5, 0.5, 1.0}"
"""Of words in the text, and in the heading."""


async def passages_with(connection: AsyncConnection, words: Sequence[str], limit: int) -> list[int]:
    """The passages that hold any of the words, by how rare and how frequent there each of them is:
    ``ts_rank`` alone takes all words for equally telling."""
    rows = await connection.execute(
        "SELECT quote_literal(lexeme), (SELECT count(*) FROM (SELECT 1 FROM heisenberg.passages "
        "WHERE words @@ quote_literal(lexeme)::tsquery LIMIT %s) AS counted), "
        "(SELECT greatest(reltuples, 0)::bigint FROM pg_class "
        "WHERE oid = 'heisenberg.passages'::regclass) FROM unnest(to_tsvector('english', %s))",
        (_RARE, " ".join(words)),
    )
    counts, total = {}, 0
    async for lexeme, count, about in rows:
        counts[lexeme] = count  # no further than it matters
        total = max(total, about, count)
    lexemes = [lexeme for lexeme, count in counts.items() if count]
    if not lexemes:
        return []
    rare = [lexeme for lexeme in lexemes if counts[lexeme] < _RARE]
    looked_at = " | ".join(rare) if rare else " & ".join(lexemes)
    ranks = []
    values: list[Any] = []
    for lexeme in lexemes:
        seen = counts[lexeme]
        ranks.append(f"%s * ts_rank('{_WEIGHTS}', words, %s::tsquery, 1)")
        values += [math.log(1.0 + (total - seen + 0.5) / (seen + 0.5)), lexeme]
    rows = await connection.execute(
        "SELECT id FROM heisenberg.passages WHERE words @@ %s::tsquery "
        f"ORDER BY {' + '.join(ranks)} DESC, id LIMIT %s",
        (looked_at, *values, limit),
    )
    return [key async for (key,) in rows]
