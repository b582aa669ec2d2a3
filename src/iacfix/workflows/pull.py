"""Findings that are asked for, page by page, instead of waiting for their events."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import FindingsSource, Raw, Wanted
from iacfix.ports.queue import Queue


@dataclass
class Pull:
    """`after` is where to go on from, "" from the beginning, and after the last page. `stopped` says why it ended
    before that. `counts` are by severity and account.
    """

    source: FindingsSource
    wanted: Wanted
    after: str = ""
    stopped: str = ""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def findings(self) -> Iterator[Raw]:
        """A page that fails ends it, and what came before stays. Raises InputError for a place that is none."""
        while True:
            try:
                page = self.source.page(self.wanted, self.after)
            except CloudReadError as error:
                self.stopped = str(error)
                return
            for each in page.findings:
                self.counts[self.source.place_of(each)] += 1
                yield each
            if page.after and page.after == self.after:
                self.stopped = f"{self.source.name} gives the same page again"
                return
            self.after = page.after
            if not page.after:
                return

    def into(self, queue: Queue) -> int:
        """Each as a message of its own, which whoever works on the queue reads like any other; how many. One that is
        pulled again is found in the ledger. Raises QueueError.
        """
        sent = 0
        for each in self.findings():
            queue.send(json.dumps(each))
            sent += 1
        return sent
