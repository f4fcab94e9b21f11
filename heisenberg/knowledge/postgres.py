"""The index in a PostgreSQL, for several machines that share it: pgvector for vectors, its own
full-text search for words."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Final, Self

from heisenberg.core.errors import KnowledgeError
from heisenberg.core.word_lists import bare_words
from heisenberg.knowledge.base import Candidate, Found, IndexedDocument, Passage, Vectors
from heisenberg.knowledge.other_model import check_model
from heisenberg.knowledge.postgres_words import passages_with

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg_pool import AsyncConnectionPool

_VERSION: Final = "1"
_WRITERS: Final = 0x4865_4B49
"""The advisory lock of whoever writes: "HeKI"."""
_CONNECTIONS: Final = 4
_TIMEOUT_S: Final = 10.0
_CLOSE_TIMEOUT_S: Final = 5.0
_NEIGHBOURS: Final = 400
"""Of a vector, how many the index looks at (``hnsw.ef_search``); fewer miss more of the nearest."""

_SCHEMA: Final = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS heisenberg;
CREATE TABLE IF NOT EXISTS heisenberg.settings (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS heisenberg.documents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  path text NOT NULL UNIQUE,
  root text NOT NULL,
  digest text NOT NULL
);
CREATE TABLE IF NOT EXISTS heisenberg.passages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  document bigint NOT NULL REFERENCES heisenberg.documents ON DELETE CASCADE,
  heading text NOT NULL,
  line integer NOT NULL,
  text text NOT NULL,
  words tsvector NOT NULL
) WITH (toast_tuple_target = 8160); -- words are ranked where they lie, not fetched from elsewhere
CREATE INDEX IF NOT EXISTS passages_document ON heisenberg.passages (document);
CREATE INDEX IF NOT EXISTS passages_words ON heisenberg.passages USING gin (words)
  WITH (fastupdate = off); -- else every search reads what was added last, one by one
"""


class PostgresIndex:
    """A ``KnowledgeIndex`` in the schema ``heisenberg`` of a database."""

    def __init__(self, pool: AsyncConnectionPool, model: str) -> None:
        self._pool = pool
        self._model = model

    @classmethod
    async def open(cls, url: str, model: str) -> Self:
        """The index at ``url``, made where it is not there; ``model`` makes the vectors.

        Raises ``KnowledgeError``.
        """
        await asyncio.to_thread(_import_client)
        import psycopg
        import psycopg_pool

        async with _explained():
            timeout_s = int(_TIMEOUT_S)
            async with await psycopg.AsyncConnection.connect(
                url, connect_timeout=timeout_s
            ) as connection:
                await _make(connection)
        pool = psycopg_pool.AsyncConnectionPool(
            url,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_TIMEOUT_S,
            open=False,
            configure=_configure,
        )
        await pool.open()
        return cls(pool, model)

    async def documents(self) -> Sequence[IndexedDocument]:
        async with self._connection() as connection:
            usable = await _made_with(connection) == self._model
            rows = await connection.execute(
                "SELECT path, root, digest, (SELECT count(*) FROM heisenberg.passages "
                "WHERE document = documents.id) FROM heisenberg.documents "
                'ORDER BY path COLLATE "C"'
            )
            return [
                IndexedDocument(path, root, digest if usable else "", passages)
                async for path, root, digest, passages in rows
            ]

    async def replace(
        self, document: IndexedDocument, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        async with self._connection() as connection:
            await _begin_writing(connection)
            if await _made_with(connection) not in ("", self._model):
                await _drop_vectors(connection)
            await _prepare(connection, self._model, vectors.shape[1])
            await _remove(connection, [document.path])
            await _insert(connection, document, passages, vectors)

    async def remove(self, paths: Sequence[str]) -> None:
        async with self._connection() as connection:
            await _begin_writing(connection)
            await _remove(connection, paths)

    async def search(self, words: Sequence[str], vector: Vectors | None, limit: int) -> Found:
        async with self._connection() as connection:
            made_with = await _made_with(connection)
            check_model(made_with, self._model)
            if not made_with:
                return Found((), ())
            by_words = await passages_with(connection, words, limit)
            by_vector = [] if vector is None else await _by_vector(connection, vector, limit)
            known = await _candidates(connection, {*by_words, *by_vector}, vector)
            return Found(
                [known[key] for key in by_words if key in known],
                [known[key] for key in by_vector if key in known],
            )

    async def aclose(self) -> None:
        await self._pool.close(timeout=_CLOSE_TIMEOUT_S)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction: all of it or nothing. Raises ``KnowledgeError``."""
        async with _explained(), self._pool.connection() as connection:
            yield connection


def _import_client() -> None:
    """Takes half a second, and reads files."""
    try:
        for name in ("psycopg", "psycopg_pool", "pgvector.psycopg"):
            importlib.import_module(name)
    except ImportError as exc:
        raise KnowledgeError(
            "PostgreSQL can't be used: its client is not installed here.",
            "Install it with 'pip install heisenberg[postgres]', or leave knowledge.index empty.",
        ) from exc


async def _configure(connection: AsyncConnection) -> None:
    from pgvector.psycopg import register_vector_async

    await register_vector_async(connection)
    await connection.execute(f"SET hnsw.ef_search = {_NEIGHBOURS}")
    # How rare a word is can't be known when a search is planned; the index always serves it best.
    await connection.execute("SET enable_seqscan = off")
    await connection.commit()


async def _make(connection: AsyncConnection) -> None:
    await _begin_writing(connection)
    await connection.execute(_SCHEMA)
    await connection.execute(
        "INSERT INTO heisenberg.settings VALUES ('version', %s) ON CONFLICT DO NOTHING", (_VERSION,)
    )
    if await _setting(connection, "version") != _VERSION:
        raise KnowledgeError(
            "The index of documents in PostgreSQL is of another version of Heisenberg.",
            "Drop its schema 'heisenberg' and add your documents again, or use that version.",
        )


async def _begin_writing(connection: AsyncConnection) -> None:
    """One after the other: who writes waits for others who do, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))


async def _setting(connection: AsyncConnection, name: str) -> str:
    rows = await connection.execute(
        "SELECT value FROM heisenberg.settings WHERE name = %s", (name,)
    )
    row = await rows.fetchone()
    return "" if row is None else str(row[0])


async def _made_with(connection: AsyncConnection) -> str:
    """The embedding model; empty before there is any vector."""
    return await _setting(connection, "model")


async def _drop_vectors(connection: AsyncConnection) -> None:
    """Keep nothing that was made with another model; which documents there are stays known."""
    await connection.execute("DELETE FROM heisenberg.passages")
    await connection.execute("ALTER TABLE heisenberg.passages DROP COLUMN embedding")
    await connection.execute("DELETE FROM heisenberg.settings WHERE name = 'model'")
    await connection.execute("UPDATE heisenberg.documents SET digest = ''")


async def _prepare(connection: AsyncConnection, model: str, dimensions: int) -> None:
    if await _made_with(connection):
        return
    await connection.execute("INSERT INTO heisenberg.settings VALUES ('model', %s)", (model,))
    await connection.execute(
        f"ALTER TABLE heisenberg.passages ADD COLUMN embedding halfvec({int(dimensions)}) NOT NULL"
    )
    await connection.execute(
        "CREATE INDEX passages_embedding ON heisenberg.passages "
        "USING hnsw (embedding halfvec_cosine_ops) WITH (ef_construction = 128)"
    )


async def _remove(connection: AsyncConnection, paths: Sequence[str]) -> None:
    await connection.execute(
        "DELETE FROM heisenberg.documents WHERE path = ANY(%s)", (list(paths),)
    )


async def _insert(
    connection: AsyncConnection,
    document: IndexedDocument,
    passages: Sequence[Passage],
    vectors: Vectors,
) -> None:
    from pgvector import HalfVector

    rows = await connection.execute(
        "INSERT INTO heisenberg.documents (path, root, digest) VALUES (%s, %s, %s) RETURNING id",
        (document.path, document.root, document.digest),
    )
    (key,) = await rows.fetchone() or (None,)
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO heisenberg.passages (document, heading, line, text, words, embedding) "
            "VALUES (%s, %s, %s, %s, setweight(to_tsvector('english', %s), 'A') || "
            "setweight(to_tsvector('english', %s), 'D'), %s)",
            [
                (
                    key,
                    _storable(passage.heading),
                    passage.line,
                    _storable(passage.text),
                    bare_words(passage.heading),
                    bare_words(passage.text),
                    HalfVector(vector),
                )
                for passage, vector in zip(passages, vectors, strict=True)
            ],
        )


def _storable(text: str) -> str:
    """PostgreSQL keeps no zero character."""
    return text.replace("\0", "")


async def _by_vector(connection: AsyncConnection, vector: Vectors, limit: int) -> list[int]:
    """The passages closest to the vector, by cosine."""
    from pgvector import HalfVector

    rows = await connection.execute(
        "SELECT id FROM heisenberg.passages ORDER BY embedding <=> %s LIMIT %s",
        (HalfVector(vector.ravel()), limit),
    )
    return [key async for (key,) in rows]


async def _candidates(
    connection: AsyncConnection, keys: set[int], vector: Vectors | None
) -> dict[int, Candidate]:
    from pgvector import HalfVector

    rows = await connection.execute(
        "SELECT passages.id, path, heading, line, text, coalesce(1 - (embedding <=> %s), 0) "
        "FROM heisenberg.passages JOIN heisenberg.documents ON documents.id = document "
        "WHERE passages.id = ANY(%s)",
        (None if vector is None else HalfVector(vector.ravel()), list(keys)),
    )
    return {
        key: Candidate(Passage(path, heading, line, text), float(similarity))
        async for key, path, heading, line, text, similarity in rows
    }


@contextlib.asynccontextmanager
async def _explained() -> AsyncIterator[None]:
    """Raises ``KnowledgeError`` for what PostgreSQL says, without the address: it may hold a
    password."""
    import psycopg
    import psycopg_pool

    try:
        yield
    except (psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported) as exc:
        raise KnowledgeError(
            "PostgreSQL has no vectors: its extension pgvector is not installed there.",
            "Install pgvector 0.7 or newer in it.",
        ) from exc
    except psycopg.errors.InsufficientPrivilege as exc:
        raise KnowledgeError(
            "PostgreSQL does not allow it to make the index of documents.",
            "Let its administrator run 'CREATE EXTENSION vector' and grant CREATE on the database.",
        ) from exc
    except (psycopg.OperationalError, psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed) as exc:
        raise KnowledgeError(
            "PostgreSQL can't be reached.", "Check knowledge.index, and whether it runs."
        ) from exc
    except psycopg.Error as exc:
        reason = str(exc).partition("\n")[0]
        raise KnowledgeError(f"PostgreSQL refused: {reason}.") from exc
