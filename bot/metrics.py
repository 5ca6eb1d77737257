"""What the bot counts about itself, in Prometheus' terms."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from retrieval.types import IndexStats
from storage.followed import SourceHealth

_LAG_EVERY_S = 1.0


class Metrics:
    """The figures of one running bot. `text()` gives them in Prometheus' exposition format."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

        def counter(name: str, meaning: str) -> Counter:
            return Counter(f"quotewire_{name}", meaning, registry=self._registry)

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"quotewire_{name}", meaning, labels, registry=self._registry)

        self.questions = counter("questions", "Questions asked")
        self.unanswered = counter("unanswered", "Questions that nothing in the articles answered")
        self.errors = counter("errors", "Updates that ended in a defect")
        self.repeated = counter("repeated", "Alerts sent again because Telegram did not say whether they arrived")
        self.answer_s = Histogram("quotewire_answer_seconds", "From update to reply", registry=self._registry)
        self.send_s = Histogram(
            "quotewire_send_seconds", "Time that Telegram took for a message", registry=self._registry
        )
        self.queue_age_s = gauge("queue_age_seconds", "Age of the oldest alert that is due and not sent")
        self.queue_length = gauge("queue_length", "Alerts that are due and not sent")
        self.loop_lag_s = gauge("loop_lag_seconds", "By how much the event loop was late, at the last look")
        self.tasks = gauge("tasks", "Tasks of the event loop, waiting ones included")
        self.leads = gauge("leader", "Whether this process looks at the sources and sends alerts")
        self.passages = gauge("index_passages", "Paragraphs that can be found")
        self.index_version = gauge("index_version_info", "Version of the search index", "version")
        self.last_look = gauge("source_last_success_timestamp_seconds", "When a source was last read", "source")

    def asked(self, *, answered: bool) -> None:
        """Counts a question."""
        self.questions.inc()
        if not answered:
            self.unanswered.inc()

    def looked(self, index: IndexStats, sources: Sequence[SourceHealth]) -> None:
        """Shows the index and the sources as they are after a look at them."""
        self.passages.set(index.passages)
        self.index_version.clear()
        self.index_version.labels(index.version).set(1)
        self.last_look.clear()
        for source in sources:
            if source.last_success:
                self.last_look.labels(source.address).set(source.last_success.timestamp())

    def text(self) -> bytes:
        return generate_latest(self._registry)

    async def watch_loop(self) -> None:
        """Measures the event loop's lag for ever."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LAG_EVERY_S)
            self.tasks.set(len(asyncio.all_tasks()))
            self.loop_lag_s.set(max(0.0, time.monotonic() - before - _LAG_EVERY_S))
