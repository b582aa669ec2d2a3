"""A pull that nobody watches: what a schedule asks the function for."""

from collections.abc import Mapping
from pathlib import Path

from iacfix.adapters.aws.queues import SqsQueue
from iacfix.config import load_settings
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.finding_sources import source_from
from iacfix.entry.secrets import with_secrets
from iacfix.ports.findings_source import Wanted
from iacfix.workflows.pull import Pull


def pull_into_queue(name: str, environ: Mapping[str, str]) -> Pull:
    """All that is open now, into the queue that IACFIX_QUEUE names. Raises ConfigurationError, CloudReadError,
    QueueError.
    """
    given = with_secrets(environ)
    settings = load_settings(Path(given.get("IACFIX_CONFIG") or "iacfix.yaml"), given)
    queue = given.get("IACFIX_QUEUE", "")
    if not queue:
        raise ConfigurationError("no queue is named for what is pulled", remedy="set IACFIX_QUEUE to its URL")
    pulling = Pull(source_from(settings, name), Wanted())
    pulling.into(SqsQueue(queue))
    return pulling
