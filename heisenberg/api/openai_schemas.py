"""What OpenAI's clients send to ``/v1`` and expect back, as far as it is understood here.

What a client sends beyond that is passed over, as such servers do, unless it would change what the
answer means.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Sent(BaseModel):
    """A request, or a part of one."""

    model_config = ConfigDict(extra="ignore")


class ContentPart(Sent):
    """Part of a message; only text is understood."""

    type: str
    text: str = ""


class FunctionCalled(Sent):
    """The call of a tool; ``arguments`` is JSON in a text."""

    name: Name
    arguments: str = "{}"


class CalledTool(Sent):
    """A call that the assistant made."""

    id: str = ""
    type: Literal["function"] = "function"
    function: FunctionCalled


class ChatMessageSent(Sent):
    """What somebody said: a text, or parts of one."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[ContentPart] | None = None
    tool_calls: list[CalledTool] | None = None
    tool_call_id: str = ""


class FunctionDescribed(Sent):
    """A tool, and the JSON Schema of what it takes."""

    name: Name
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})


class ToolDescribed(Sent):
    """A tool that the model may call."""

    type: Literal["function"]
    function: FunctionDescribed


class JsonSchema(Sent):
    """What a reply must look like."""

    schema_: dict[str, Any] = Field(alias="schema", default_factory=dict)


class ResponseFormat(Sent):
    """Text, any JSON object, or JSON by a schema."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Sent):
    """Whether the last event tells how many tokens there were."""

    include_usage: bool = False


class ChatCompletionSent(Sent):
    """A conversation to go on with."""

    model: Name
    messages: Annotated[list[ChatMessageSent], Field(min_length=1, max_length=1000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1, le=32768)
    max_completion_tokens: int | None = Field(None, ge=1, le=32768)
    temperature: float | None = Field(None, ge=0.0, le=2.0)
    top_p: float | None = Field(None, gt=0.0, le=1.0)
    seed: int | None = None
    stop: str | list[str] | None = None
    n: int | None = 1
    tools: list[ToolDescribed] | None = None
    tool_choice: Any = None
    response_format: ResponseFormat | None = None


class EmbeddingsSent(Sent):
    """Texts to compare."""

    model: Name
    input: str | Annotated[list[str], Field(min_length=1, max_length=512)]
    encoding_format: Literal["float", "base64"] = "float"


class SpeechSent(Sent):
    """A text to say."""

    model: Name
    input: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    voice: Any = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
