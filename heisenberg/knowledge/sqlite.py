"""The index in one file: SQLite, with FTS5 for words and sqlite-vec for vectors."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import numpy as np

from heisenberg.core.errors import KnowledgeError
from heisenberg.knowledge.base import Candidate, Found, IndexedDocument, Passage, Vectors
from heisenberg.knowledge.other_model import check_model
from heisenberg.machine.native import Native

if TYPE_CHECKING:
    import apsw

T = TypeVar("T")

_APPLICATION: Final = 0x4865_4B49
"""What marks a file of SQLite as ours: "HeKI"."""
_VERSION: Final = 1
_WAIT_MS: Final = 10_000
"""How long another process may be writing."""
_OWNER_ONLY: Final = 0o600
_FOLDER: Final = 0o700
_MAPPED_BYTES: Final = 1 << 30
"""Of the file, read in place: a search reads every vector, in two thirds of the time it takes to
copy them first."""

_SCHEMA: Final = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  root TEXT NOT NULL,
  digest TEXT NOT NULL
);
CREATE TABLE passages (
  id INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  heading TEXT NOT NULL,
  line INTEGER NOT NULL,
  text TEXT NOT NULL,
  vector BLOB NOT NULL -- rounded; sqlite-vec finds one by its number a hundred times slower
);
CREATE INDEX passages_of ON passages (document);
CREATE VIRTUAL TABLE words USING fts5(
  heading, text, content='', contentless_delete=1,
  tokenize='porter unicode61 remove_diacritics 2'
);
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(2.0, 1.0)');
"""


class SqliteIndex:
    """A ``KnowledgeIndex`` in a file that only its owner may read, on a thread of its own.

    A daemon and a command may use the same one.
    """

    def __init__(self, database: Native[apsw.Connection], path: Path, model: str) -> None:
        self._database = database
        self._path = path
        self._model = model

    @classmethod
    async def open(cls, path: Path, model: str) -> Self:
        """The index in ``path``, made where it is not there; ``model`` makes the vectors.

        Raises ``KnowledgeError``.
        """
        opening = Native.open("knowledge index", lambda: _explained(path, lambda: _open(path)))
        return cls(await opening, path, model)

    async def documents(self) -> Sequence[IndexedDocument]:
        return await self._run(lambda db: _documents(db, self._model))

    async def replace(
        self, document: IndexedDocument, passages: Sequence[Passage], vectors: Vectors
    ) -> None:
        def write(db: apsw.Connection) -> None:
            with _transaction(db):
                if _made_with(db) not in ("", self._model):
                    _drop_vectors(db)
                _prepare(db, self._model, vectors.shape[1])
                _remove(db, document.path)
                _insert(db, document, passages, vectors)

        await self._run(write)

    async def remove(self, paths: Sequence[str]) -> None:
        def write(db: apsw.Connection) -> None:
            with _transaction(db):
                for path in paths:
                    _remove(db, path)

        await self._run(write)

    async def search(self, words: Sequence[str], vector: Vectors | None, limit: int) -> Found:
        return await self._run(lambda db: self._search(db, words, vector, limit))

    async def aclose(self) -> None:
        await self._database.aclose()

    async def _run(self, call: Callable[[apsw.Connection], T]) -> T:
        return await self._database.run(lambda db: _explained(self._path, lambda: call(db)))

    def _search(
        self, db: apsw.Connection, words: Sequence[str], vector: Vectors | None, limit: int
    ) -> Found:
        with _transaction(db, write=False):  # nothing changes in between
            made_with = _made_with(db)
            check_model(made_with, self._model)
            if not made_with:
                return Found((), ())
            by_words = _by_words(db, words, limit)
            by_vector = () if vector is None else _by_vector(db, vector, limit)
            return Found(
                [_candidate(db, row, vector) for row in by_words],
                [_candidate(db, row, vector) for row in by_vector],
            )


def _open(path: Path) -> apsw.Connection:
    import apsw
    import sqlite_vec

    path = path.expanduser().absolute()
    path.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, _OWNER_ONLY))
    db = apsw.Connection(str(path))
    db.set_busy_timeout(_WAIT_MS)
    if _is_new(db):
        db.pragma("journal_mode", "wal")
        with _transaction(db):
            if _is_new(db):  # no other process has made it meanwhile
                db.execute(_SCHEMA)
    _check(db, path)
    path.chmod(_OWNER_ONLY)
    db.pragma("synchronous", "normal")
    db.pragma("foreign_keys", True)
    db.pragma("mmap_size", _MAPPED_BYTES)
    db.enable_load_extension(True)
    db.load_extension(sqlite_vec.loadable_path())
    db.enable_load_extension(False)
    return db


def _is_new(db: apsw.Connection) -> bool:
    return db.pragma("application_id") == 0 and not _value(db, "SELECT count(*) FROM sqlite_schema")


def _check(db: apsw.Connection, path: Path) -> None:
    if db.pragma("application_id") != _APPLICATION:
        raise KnowledgeError(
            f"{path} is no index of documents.", "Set knowledge.index to another file."
        )
    if db.pragma("user_version") != _VERSION:
        raise KnowledgeError(
            f"The index of documents {path} is of another version of Heisenberg.",
            "Delete it and add your documents again, or use that version.",
        )


@contextlib.contextmanager
def _transaction(db: apsw.Connection, *, write: bool = True) -> Iterator[None]:
    """All of it or nothing; who writes waits for others who do."""
    db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _made_with(db: apsw.Connection) -> str:
    """The embedding model; empty before there is any vector."""
    value = _value(db, "SELECT value FROM settings WHERE name = 'model'")
    return str(value or "")


def _documents(db: apsw.Connection, model: str) -> list[IndexedDocument]:
    usable = _made_with(db) == model
    rows = db.execute(
        "SELECT path, root, digest, (SELECT count(*) FROM passages WHERE document = documents.id) "
        "FROM documents ORDER BY path"
    )
    return [
        IndexedDocument(path, root, digest if usable else "", passages)
        for path, root, digest, passages in rows
    ]


def _drop_vectors(db: apsw.Connection) -> None:
    """Keep nothing that was made with another model; which documents there are stays known."""
    db.execute(
        "DROP TABLE vectors; DELETE FROM words; DELETE FROM passages; DELETE FROM settings; "
        "UPDATE documents SET digest = ''"
    )


def _prepare(db: apsw.Connection, model: str, dimensions: int) -> None:
    if not _made_with(db):
        db.execute("INSERT INTO settings VALUES ('model', ?)", (model,))
        db.execute(f"CREATE VIRTUAL TABLE vectors USING vec0(embedding float[{dimensions}])")


def _remove(db: apsw.Connection, path: str) -> None:
    document = _value(db, "SELECT id FROM documents WHERE path = ?", path)
    if document is None:
        return
    rows = db.execute("SELECT id FROM passages WHERE document = ?", (document,)).fetchall()
    for table in ("words", "vectors"):
        db.executemany(f"DELETE FROM {table} WHERE rowid = ?", rows)
    db.execute("DELETE FROM documents WHERE id = ?", (document,))


def _insert(
    db: apsw.Connection, document: IndexedDocument, passages: Sequence[Passage], vectors: Vectors
) -> None:
    db.execute(
        "INSERT INTO documents (path, root, digest) VALUES (?, ?, ?)",
        (document.path, document.root, document.digest),
    )
    key = db.last_insert_rowid()
    for passage, vector in zip(passages, vectors, strict=True):
        db.execute(
            "INSERT INTO passages (document, heading, line, text, vector) VALUES (?, ?, ?, ?, ?)",
            (key, passage.heading, passage.line, passage.text, vector.tobytes()),
        )
        row = db.last_insert_rowid()
        db.execute(
            "INSERT INTO words (rowid, heading, text) VALUES (?, ?, ?)",
            (row, passage.heading, passage.text),
        )
        db.execute("INSERT INTO vectors (rowid, embedding) VALUES (?, ?)", (row, _blob(vector)))


def _by_words(db: apsw.Connection, words: Sequence[str], limit: int) -> list[int]:
    """The passages that hold any of the words, by BM25."""
    if not words:
        return []
    query = " OR ".join(f'"{word}"' for word in words)
    rows = db.execute(
        "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?", (query, limit)
    )
    return [row for (row,) in rows]


def _by_vector(db: apsw.Connection, vector: Vectors, limit: int) -> list[int]:
    """The passages closest to the vector, by cosine."""
    rows = db.execute(
        "SELECT rowid FROM vectors WHERE embedding MATCH ? AND k = ? ORDER BY distance",
        (_blob(vector), limit),
    )
    return [row for (row,) in rows]


def _candidate(db: apsw.Connection, row: int, vector: Vectors | None) -> Candidate:
    ((path, heading, line, text, blob),) = db.execute(
        "SELECT path, heading, line, text, vector FROM passages "
        "JOIN documents ON documents.id = document WHERE passages.id = ?",
        (row,),
    )
    similarity = 0.0
    if vector is not None:
        kept = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
        similarity = float(kept @ vector.astype(np.float32).ravel())
    return Candidate(Passage(path, heading, line, text), similarity)


def _blob(vector: Vectors) -> bytes:
    """Of unit length exactly: the Euclidean distance then ranks as the cosine does, and sqlite-vec
    computes it a third faster."""
    wide = vector.astype(np.float32)
    return bytes((wide / max(float(np.linalg.norm(wide)), 1e-12)).tobytes())


def _value(db: apsw.Connection, query: str, *values: str) -> Any:
    """The only value that a query gives; ``None`` where it gives no row."""
    row = db.execute(query, values).fetchone()
    return None if row is None else row[0]


def _explained(path: Path, call: Callable[[], T]) -> T:
    """What ``call`` returns. Raises ``KnowledgeError`` for what SQLite and the system say."""
    import apsw

    try:
        return call()
    except (apsw.NotADBError, apsw.CorruptError) as exc:
        raise KnowledgeError(
            f"The index of documents {path} is damaged.",
            "Delete it and add your documents again with 'heisenberg docs add'.",
        ) from exc
    except apsw.BusyError as exc:
        raise KnowledgeError(
            f"The index of documents {path} is being written by another program.",
            "Try again when that is done.",
        ) from exc
    except apsw.FullError as exc:
        raise KnowledgeError(
            f"The index of documents {path} can't grow: the disk is full.", "Free some space."
        ) from exc
    except (apsw.Error, OSError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else str(exc)
        raise KnowledgeError(
            f"The index of documents {path} can't be used: {reason}.",
            "Check its folder's permissions, or set knowledge.index to another file.",
        ) from exc
