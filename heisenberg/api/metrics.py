"""``/metrics``: what Prometheus reads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

import psutil
from cachetools.func import ttl_cache
from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from heisenberg.api.status import FRESH_S
from heisenberg.core.app import App
from heisenberg.core.events import Event, EventRecord
from heisenberg.machine.memory import free_bytes
from heisenberg.machine.pressure import memory_pressure

_WAIT_S: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
_SCORES: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Metrics:
    """Counts what happens on the bus and over HTTP."""

    def __init__(self, app: App) -> None:
        self.registry = CollectorRegistry()
        self._turns = self._counter("turns", "Replies that were begun, by model.", "model")
        self._tokens = self._counter("tokens", "Tokens of spoken replies, by model.", "model")
        self._errors = self._counter("errors", "What failed, by its code.", "code")
        self._interruptions = self._counter(
            "interruptions", "Voices over a reply, by whether they ended it.", "confirmed"
        )
        self._drafts = self._counter("drafts", "Replies prepared in a pause.")
        self._requests = self._counter("requests", "Requests over HTTP.", "path", "status")
        self.watchers_dropped = self._counter(
            "watchers_dropped", "Clients of the events that did not keep up."
        )
        self._first_sound = self._histogram(
            "first_sound_seconds", "From the user's last voice to the first sound.", _WAIT_S
        )
        self._stages = self._histogram(
            "stage_seconds", "Parts of that wait, by name.", _WAIT_S, "stage"
        )
        self._request_s = self._histogram(
            "request_seconds", "Until a request was answered.", _WAIT_S, "path"
        )
        self._wakes = self._histogram("wake_score", "Of wake words that were heard.", _SCORES)
        self.registry.register(_Gauges(app))
        app.bus.observe(self._note)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """A request over HTTP, by the path of its route."""
        self._requests.labels(path, str(status)).inc()
        self._request_s.labels(path).observe(seconds)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"heisenberg_{name}", about, labels, registry=self.registry)

    def _histogram(
        self, name: str, about: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            f"heisenberg_{name}", about, labels, buckets=buckets, registry=self.registry
        )

    def _note(self, record: EventRecord) -> None:
        fields = record.fields
        match record.event:
            case Event.LLM_COMPLETE:
                self._turns.labels(fields.get("model", "")).inc()
                self._tokens.labels(fields.get("model", "")).inc(fields["tokens"])
            case Event.LATENCY:
                self._first_sound.observe(fields["first_sound_s"])
                for stage, seconds in fields["stages"].items():
                    self._stages.labels(stage).observe(seconds)
            case Event.BARGE_IN:
                self._interruptions.labels(str(fields["confirmed"]).lower()).inc()
            case Event.WAKE:
                self._wakes.observe(fields["score"])
            case Event.DRAFT:
                self._drafts.inc()
            case Event.ERROR:
                self._errors.labels(fields["code"]).inc()


class _Gauges(Collector):
    """What is read off when it is asked."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._memory = ttl_cache(maxsize=1, ttl=FRESH_S)(_memory)

    def collect(self) -> Iterator[Metric]:
        def gauge(name: str, about: str, value: float) -> Metric:
            return GaugeMetricFamily(f"heisenberg_{name}", about, value=value)

        resident, free, pressure = self._memory()
        yield gauge("memory_bytes", "Resident memory.", resident)
        yield gauge("memory_free_bytes", "What may still be taken.", free)
        yield gauge("memory_pressure", "0 low, 1 medium, 2 high, 3 critical.", pressure)
        switch = self._app.services.switch
        if switch is not None:
            residents = switch.pool.residents
            yield gauge("models_loaded", "Language models in memory.", len(residents))
            replies = sum(one.users for one in residents)
            yield gauge("replies_in_work", "Replies being written or waiting.", replies)


def _memory() -> tuple[int, int, int]:
    """What this process holds, what may still be taken, and the pressure."""
    return psutil.Process().memory_info().rss, free_bytes(), memory_pressure()


def metrics_routes(metrics: Metrics) -> APIRouter:
    routes = APIRouter(tags=["status"])

    @routes.get("/metrics", response_class=Response)
    async def show() -> Response:
        """Counters and histograms in Prometheus' text format."""
        text = await asyncio.to_thread(generate_latest, metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return routes


class Measured:
    """An ASGI app around another one that tells ``on_answer`` of each request."""

    def __init__(self, app: ASGIApp, on_answer: Callable[[str, int, float], None]) -> None:
        self._app = app
        self._on_answer = on_answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            # Only a route has a name of few: a path may be anything.
            route = scope.get("route")
            path = getattr(route, "path", "other")
            self._on_answer(path, status, time.perf_counter() - began_s)
