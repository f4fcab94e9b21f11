"""``/api/documents``: what is in the index, and what is found in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from heisenberg.api.errors import Unavailable
from heisenberg.api.schemas import FAILURES, LONGEST_CHARACTERS, SourceShown
from heisenberg.core.services import Documents, Services


class DocumentShown(BaseModel):
    """A file of the owner's."""

    path: str
    passages: int


class DocumentsShown(BaseModel):
    """All of them, by path."""

    documents: list[DocumentShown]


class HitShown(SourceShown):
    """A passage that was found."""

    text: str


class HitsShown(BaseModel):
    """The best first; none where nothing is near."""

    hits: list[HitShown]


def document_routes(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/api/documents", tags=["documents"], responses=FAILURES)

    def documents() -> Documents:
        if services.documents is None:
            raise Unavailable("There are no documents.", "'heisenberg docs add PATH' adds some.")
        return services.documents

    @routes.get("")
    async def listed() -> DocumentsShown:
        """What the owner has added."""
        found = await documents().knowledge.documents()
        shown = [DocumentShown(path=one.path, passages=one.passages) for one in found]
        return DocumentsShown(documents=shown)

    @routes.get("/search")
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=LONGEST_CHARACTERS)],
        limit: Annotated[int, Query(ge=1, le=50)] = 5,
    ) -> HitsShown:
        """The passages that have to do with ``q``."""
        hits = await documents().knowledge.search(q, limit)
        return HitsShown(
            hits=[
                HitShown(
                    file=hit.passage.file,
                    heading=hit.passage.heading,
                    line=hit.passage.line,
                    score=round(hit.score, 3),
                    text=hit.passage.text,
                )
                for hit in hits
            ]
        )

    return routes
