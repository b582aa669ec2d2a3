"""From the configuration to whoever gives a second opinion."""

from dataclasses import replace

from iacfix.adapters.aws.cloudtrail import CloudTrailActivity
from iacfix.config import Settings
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.identifiers import IdKind
from iacfix.entry.models import model_from
from iacfix.ports.activity import ActivityReader
from iacfix.ports.stores import LedgerStore
from iacfix.triage.review import Reviewer, Silence
from iacfix.workflows.activity import LedgerActivity
from iacfix.workflows.desk import Desk, WaitingModel
from iacfix.workflows.review import ModelReview


def reviewer_from(
    settings: Settings,
    store: LedgerStore | None = None,
    *,
    activity: tuple[ActivityReader, ...] = (),
    desk: Desk | None = None,
) -> Reviewer | None:
    """None where no review is configured. `store` is the ledger whose history is shown, `activity` who else knows.

    Raises ConfigurationError where no model is named.
    """
    wanted = settings.triage.review if settings.triage is not None else None
    if wanted is None:
        return None
    model_id = wanted.model or settings.model.id
    if not model_id:
        raise ConfigurationError("triage.review needs a model", remedy="set triage.review.model, or model.id")
    own = replace(settings.model, read_timeout=wanted.timeout, max_attempts=1)
    history = (LedgerActivity(store),) if store is not None else ()
    trail = (CloudTrailActivity(),) if wanted.cloudtrail else ()
    known: tuple[ActivityReader, ...] = (*history, *trail, *activity)
    hidden = frozenset(kind for kind in IdKind if getattr(settings.redact, kind))
    model = WaitingModel(model_from(own, model_id), desk or Desk())
    return ModelReview(model, known, Silence(wanted.silence), wanted.max_tokens, wanted.events, hidden)
