"""From the environment alone to what handles messages: for the Lambda function and for `iacfix work`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from iacfix.config import load_settings
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.accepting import acceptance_from, proof_from
from iacfix.entry.event_work import EventWork
from iacfix.entry.messages import Messages
from iacfix.entry.notifying import notifying_from
from iacfix.entry.secrets import with_secrets
from iacfix.entry.stores import ledger_at

# Of the audit record: who could not be told.
NOTICES = "notices"
# Where a container of Lambda may write.
LAMBDA_CACHE = "/tmp/iacfix"  # noqa: S108 - nobody else is in there


def messages_from(environ: Mapping[str, str], config: Path | None = None, ledger: str = "") -> Messages:
    """`IACFIX_CONFIG` names the configuration, `IACFIX_LEDGER` the ledger, where they are not given.

    Raises ConfigurationError, CloudReadError.
    """
    work = event_work(environ, config, ledger)
    settings = work.settings
    return Messages(work.run, settings, work.store, acceptance_from(settings.intake), proof_from(settings.intake.http))


def event_work(environ: Mapping[str, str], config: Path | None = None, ledger: str = "") -> EventWork:
    """As `messages_from`, for whoever handles no message. Raises as it does."""
    given = with_secrets(environ)
    if "AWS_LAMBDA_FUNCTION_NAME" in given and not given.get("IACFIX_CACHE"):
        given = {**given, "IACFIX_CACHE": LAMBDA_CACHE}
    path = config or Path(given.get("IACFIX_CONFIG") or "iacfix.yaml")
    settings = load_settings(path, given)
    address = ledger or settings.ledger
    if not address:
        raise ConfigurationError("no ledger is named", remedy="set IACFIX_LEDGER to dynamodb:TABLE, or to a file")
    store = ledger_at(address)
    if settings.notify is None:
        return EventWork(settings, store, given)
    notifying = replace(notifying_from(settings.notify, given, store=store), chain=NOTICES)
    return EventWork(settings, store, given, notifying.tell)
