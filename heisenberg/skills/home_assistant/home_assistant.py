"""Home Assistant's conversation API: a sentence goes there, and what was done comes back.

It is described at https://developers.home-assistant.io/docs/intent_conversation_api.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, Field

from heisenberg.skills.base import SmartHome
from heisenberg.skills.service import Nonsense, Question, ServiceFailed, ask

_PATH: Final = "/api/conversation/process"
_REFUSED: Final = (401, 403)


class Refused(ServiceFailed):
    """It wants another token, or one at all."""

    reply = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``error`` is its name of what is wrong, empty where nothing is; ``said`` what it says, which
    may be nothing; ``failed`` are the names of what could not be done besides what could."""

    said: str
    error: str = ""
    failed: tuple[str, ...] = ()
    conversation: str = ""
    """By which it knows what was said before."""


class _Target(BaseModel):
    name: str = Field("", max_length=200)


class _Data(BaseModel):
    code: str = "unknown"
    failed: list[_Target] = []


class _Plain(BaseModel):
    speech: str = Field("", max_length=2000)


class _Speech(BaseModel):
    plain: _Plain = _Plain()


class _Response(BaseModel):
    response_type: Literal["action_done", "query_answer", "error"]
    data: _Data = _Data()
    speech: _Speech = _Speech()


class _Answer(BaseModel):
    response: _Response
    conversation_id: str | None = Field(None, max_length=200)


class HomeAssistant:
    """One smart home."""

    def __init__(self, smart_home: SmartHome) -> None:
        self._smart_home = smart_home

    async def process(self, text: str, language: str, conversation: str = "") -> Outcome:
        """Have it do, or tell, what ``text`` says. Raises ``ServiceFailed``."""
        body = {"text": text, "language": language}
        if conversation:
            body["conversation_id"] = conversation
        token = self._smart_home.token
        question = Question(
            self._smart_home.url + _PATH,
            body=body,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        try:
            found = await ask(question, _Answer, self._smart_home.timeout_s)
        except Nonsense as exc:
            if exc.status in _REFUSED:
                raise Refused from exc
            raise
        response = found.response
        if response.response_type == "query_answer" and not response.speech.plain.speech.strip():
            raise Nonsense
        return Outcome(
            response.speech.plain.speech.strip(),
            response.data.code if response.response_type == "error" else "",
            tuple(one.name for one in response.data.failed if one.name),
            found.conversation_id or "",
        )
