"""What was seen, told to the tools at the end of a run, so that updates go together."""

from collections import Counter

import click

from iacfix.config import Settings
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.verification import Verification
from iacfix.entry.cli.text import safe
from iacfix.entry.closing import closer_from
from iacfix.workflows.close import Closing as Became
from iacfix.workflows.record import Recorder
from iacfix.workflows.verify import VerificationRecorder


class Closing:
    def __init__(self, settings: Settings, recorder: VerificationRecorder | None) -> None:
        """Raises ConfigurationError, also where there is no ledger: it knows which findings there are."""
        if recorder is None:
            raise ConfigurationError("--close needs a ledger", remedy="give --ledger, or set `ledger` in iacfix.yaml")
        same = Recorder(recorder.store, recorder.actor, recorder.now, recorder.chain)
        self._closer = closer_from(settings, same)
        self._looked: list[tuple[str, Verification]] = []

    def add(self, key: str, seen: Verification) -> None:
        self._looked.append((key, seen))

    def tell(self) -> bool:
        """Whether nothing failed. What became of each finding goes to stderr."""
        told = self._closer.close(self._looked)
        for each in told:
            what = each.source or each.key[:12]
            click.echo(f"{each.closing}: {safe(what)}: {safe(each.reason)}", err=True)
        counts = Counter(each.closing for each in told)
        click.echo(
            ", ".join(f"{counts[each]} {each}" for each in Became if counts[each]) or "nothing to tell", err=True
        )
        return not counts[Became.FAILED]
