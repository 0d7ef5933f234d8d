"""What Prometheus is told. The one home of prometheus_client.

Nothing else knows of this: `MeasuredCore` stands around the core and counts what passes, and
`ErrorCount` listens to the log.
"""

import logging
from time import perf_counter
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from handlers.messages import Message, Reply

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = Counter(
            "dondoc_messages_total",
            "Messages received, by channel and kind (text, press, file).",
            ("channel", "kind"),
            registry=self.registry,
        )
        self._replies = Counter(
            "dondoc_replies_total",
            "Replies made, by channel and kind (answer, choice, refusal, confirm, done).",
            ("channel", "kind"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "dondoc_answer_seconds",
            "Seconds from message to reply inside the process.",
            ("channel",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._errors = Counter(
            "dondoc_errors_total",
            "Errors that were logged, by the module that met them and class of error.",
            ("module", "error"),
            registry=self.registry,
        )
        self._up = Gauge(
            "dondoc_channel_up",
            "1 where the channel is up, else 0.",
            ("channel",),
            registry=self.registry,
        )

        self._used = Gauge(
            "dondoc_quota_used",
            "What is used of a messenger's plan: messages of this month, users of the bot.",
            ("channel", "what"),
            registry=self.registry,
        )
        self._limit = Gauge(
            "dondoc_quota_limit",
            "What a messenger's plan allows.",
            ("channel", "what"),
            registry=self.registry,
        )

    def received(self, message: Message) -> None:
        """Counts a message that came in."""
        kind = "press" if message.press else "file" if message.attachments else "text"
        self._messages.labels(message.channel, kind).inc()

    def replied(self, channel: str, kind: str, seconds: float) -> None:
        """Counts a reply and how long it took to make."""
        self._replies.labels(channel, kind).inc()
        self._seconds.labels(channel).observe(seconds)

    def failed(self, module: str, error: str) -> None:
        """Counts an error by the name of its class."""
        self._errors.labels(module, error).inc()

    def up(self, channel: str, is_up: bool) -> None:
        """Says whether a channel is up."""
        self._up.labels(channel).set(is_up)

    def quota(self, channel: str, what: str, used: int, limit: int) -> None:
        """Says how much of a messenger's plan is used: "messages" or "users"."""
        self._used.labels(channel, what).set(used)
        self._limit.labels(channel, what).set(limit)

    def exposition(self) -> bytes:
        """Everything as Prometheus text; its type is `CONTENT_TYPE`."""
        return generate_latest(self.registry)


class ErrorCount(logging.Handler):
    """Counts every record of level ERROR and above; added to the root logger."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.ERROR)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """Counts the record."""
        kind = record.exc_info[0] if record.exc_info else None
        self._metrics.failed(record.name, kind.__name__ if kind else "")


class Core(Protocol):
    """The conversation core, as the channels see it."""

    async def receive(self, message: Message) -> Reply | None:
        """The reply, or None for a delivery that was already answered."""

    async def answered(self, message: Message) -> None:
        """Records that the reply arrived."""


class MeasuredCore:
    """A core that counts what passes through it."""

    def __init__(self, core: Core, metrics: Metrics) -> None:
        self._core = core
        self._metrics = metrics

    async def receive(self, message: Message) -> Reply | None:
        """The reply of the core, counted."""
        self._metrics.received(message)
        begun = perf_counter()
        reply = await self._core.receive(message)
        if reply is not None:
            self._metrics.replied(message.channel, reply.kind.value, perf_counter() - begun)
        return reply

    async def answered(self, message: Message) -> None:
        """Passed on to the core."""
        await self._core.answered(message)
