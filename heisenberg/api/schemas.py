"""What goes in and comes out of our own endpoints."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_CHARACTERS = 20_000

Question = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_CHARACTERS)
]
UserId = Annotated[str, StringConstraints(max_length=200)]


class Body(BaseModel):
    """A request: what it does not know is refused, since it would be ignored."""

    model_config = ConfigDict(extra="forbid")


class Reply(BaseModel):
    """An answer."""

    success: Literal[True] = True


class ChatMessage(Body):
    """Something said in a conversation; each ``user_id`` has one of their own."""

    message: Question
    user_id: UserId = "default"
    user_name: Annotated[str, StringConstraints(max_length=200)] = ""
    stream: bool = False


class SourceShown(BaseModel):
    """Where in the documents an answer comes from."""

    file: str
    heading: str
    line: int
    score: float


class ChatReply(Reply):
    """``device`` is what computes: ``cpu``, ``metal``, ``cuda`` or a ``server``."""

    response: str
    intent: str
    model: str
    device: str
    processing_time_ms: float
    sources: list[SourceShown] = []


class ChatBatch(Body):
    """Several messages, answered one after the other."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=100)]


class ChatReplies(Reply):
    """In the order in which was asked."""

    replies: list[ChatReply]
    processing_time_ms: float


class DocsQuestion(Body):
    """A question about the documents.

    In the mode ``dev`` it is answered from the documents, or not at all; ``chat`` answers all the
    same where they say nothing. ``context_size`` is how many tokens of documents are read for it.
    """

    question: Question
    mode: Literal["dev", "chat"] = "dev"
    context_size: int = Field(200, ge=0, le=4000)
    stream: bool = False


class DocsReply(Reply):
    """An answer and where it comes from; no ``sources``: the documents say nothing about it."""

    answer: str
    sources: list[SourceShown]
    model: str
    processing_time_ms: float


class DocsBatch(Body):
    """Several questions; what they have in common is evaluated once."""

    questions: Annotated[list[Question], Field(min_length=1, max_length=100)]
    mode: Literal["dev", "chat"] = "dev"
    context_size: int = Field(200, ge=0, le=4000)


class DocsReplies(Reply):
    """In the order in which was asked."""

    replies: list[DocsReply]
    processing_time_ms: float


class Login(Body):
    """Shows the token once; a cookie stands for it afterwards."""

    token: Annotated[str, StringConstraints(max_length=1000)]


class ModelNamed(Body):
    """A name from ``heisenberg models list``."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Control(Body):
    """What is asked of the room."""

    command: Literal["down", "up", "press", "stop", "mute", "unmute"]


class ErrorTold(BaseModel):
    """``code`` is for programs; ``message`` says what is wrong, ``hint`` what to do."""

    code: str
    message: str
    hint: str


class Failure(BaseModel):
    """Why there is no answer."""

    success: Literal[False] = False
    error: ErrorTold


FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 401, 403, 409, 413, 422, 429, 503)
}
"""What every endpoint of ours may answer, for its description."""
