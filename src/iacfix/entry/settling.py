"""From the configuration to what tells everybody what was seen of a live resource."""

import os

from iacfix.config import Settings
from iacfix.entry.cli.wiring import Hosts
from iacfix.entry.closing import closer_from
from iacfix.entry.finding_sources import AUTHOR
from iacfix.entry.notifying import notifying_from
from iacfix.entry.triaging import ownership_from
from iacfix.ports.git_host import GitHost
from iacfix.ports.stores import LedgerStore
from iacfix.workflows.moves import Moves
from iacfix.workflows.notify import notice_of
from iacfix.workflows.settle import Looked, Settling


def settling_from(settings: Settings, store: LedgerStore, git_host: str | None = None) -> Settling:
    """Raises ConfigurationError."""
    hosts = Hosts(settings, git_host)

    def host_of(repository: str) -> GitHost:
        return hosts.of(repository).host

    closer, moves = closer_from(settings, store), Moves(store, AUTHOR)
    if settings.notify is None:
        return Settling(closer, moves, host_of)
    notifying = notifying_from(settings.notify, os.environ, store=store)
    ownership = ownership_from(settings.triage) if settings.triage is not None else None

    def tell(looked: Looked) -> None:
        finding = looked.finding
        owner = ownership.resolve(finding.resource).owner if ownership is not None else None
        notice = notice_of(looked.entry, title=finding.title, owner=owner, link=finding.url)
        if notice is not None:
            notifying.tell(notice)

    return Settling(closer, moves, host_of, tell)
