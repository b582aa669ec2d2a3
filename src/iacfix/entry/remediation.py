"""From the configuration to what changes live resources."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from iacfix import __version__
from iacfix.adapters.aws.posture import AwsPosture, Reading
from iacfix.adapters.aws.tables import dynamodb
from iacfix.adapters.stores.kept import DynamoDbKept, SqliteKept
from iacfix.config import RemediationSettings, Settings
from iacfix.config.stores import table_at
from iacfix.controls import Catalogue
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.remediation import Approval, ApprovalState
from iacfix.entry.stores import ledger_at
from iacfix.entry.verifying import verifier_from
from iacfix.ports.kept import KeptStore
from iacfix.ports.runbooks import RunbookRunner
from iacfix.ports.stores import LedgerStore
from iacfix.runtime.approvals import Asking
from iacfix.runtime.operations import reads
from iacfix.runtime.throttle import Throttle
from iacfix.workflows.approving import Approving
from iacfix.workflows.clock import utc_now
from iacfix.workflows.machine import Machine
from iacfix.workflows.moves import Moves
from iacfix.workflows.remediate import Remediator, Rules
from iacfix.workflows.remediations import Approvals, Remediations
from iacfix.workflows.rollback import Rollback
from iacfix.workflows.runbooks import Following

ACTOR = f"iacfix/{__version__}"
PAUSE = 10  # seconds between the looks of a state machine


@dataclass(frozen=True)
class Stores:
    """The ledger, and what is kept beside it."""

    ledger: LedgerStore
    kept: KeptStore


def stores_at(address: str) -> Stores:
    """Raises ConfigurationError where no ledger is named."""
    if not address:
        raise ConfigurationError("no ledger is named", remedy="give --ledger, or set `ledger` in iacfix.yaml")
    table = table_at(address)
    kept = SqliteKept(Path(address)) if table is None else DynamoDbKept(dynamodb(), table.name)
    return Stores(ledger_at(address), kept)


def remediator_from(  # noqa: PLR0913 - all that asks, and changes
    settings: Settings, catalogue: Catalogue, stores: Stores, *, policy: str, wait: float | None, person: str = ""
) -> Remediator:
    """`policy` says what lets a request be made, `wait` is as in `verifier_from`. `person` asks for approvals, "" for
    iacfix by itself. Raises ConfigurationError.
    """
    given = settings.remediation
    return Remediator(
        catalogue,
        _posture(given, catalogue).about,
        verifier_from(settings.verification, catalogue, wait=0).verify,
        verifier_from(settings.verification, catalogue, wait=wait).verify,
        _following(given),
        Moves(stores.ledger, ACTOR),
        Remediations(stores.kept),
        Approvals(stores.kept),
        Throttle(given.starts_per_minute, utc_now),
        rules_from(given, policy, person),
    )


def machine_from(settings: Settings, catalogue: Catalogue, stores: Stores, *, policy: str, region: str) -> Machine:
    """For the steps that a state machine calls: it is the one that waits before verification, and it can call AWS in
    its own `region` alone. Raises ConfigurationError where that is not known.
    """
    if not region:
        raise ConfigurationError("the region of the state machine is not known", remedy="set AWS_REGION")
    remediator = remediator_from(settings, catalogue, stores, policy=policy, wait=0)
    remediator = replace(remediator, rules=replace(remediator.rules, region=region))
    looks = max(1, int(settings.remediation.deadline) // PAUSE)
    wait = int(settings.verification.wait)
    return Machine(remediator, settings.remediation.role_arn, pause=PAUSE, looks=looks, wait=wait)


def rollback_from(settings: Settings, catalogue: Catalogue, stores: Stores, actor: str) -> Rollback:
    given = settings.remediation
    return Rollback(
        catalogue,
        _posture(given, catalogue).about,
        _following(given),
        Moves(stores.ledger, actor),
        Remediations(stores.kept),
        rules_from(given, ""),
    )


def approving_from(stores: Stores, actor: str) -> Approving:
    return Approving(Approvals(stores.kept), Moves(stores.ledger, actor), _tell)


def rules_from(settings: RemediationSettings, policy: str, person: str = "") -> Rules:
    if not settings.accounts:
        raise ConfigurationError("no account may be changed", remedy="list those that may in `remediation.accounts`")
    if not (role := settings.runbook_role_arn or settings.role_arn):
        raise ConfigurationError("runbooks have no role to act as", remedy="set `remediation.runbook_role_arn`")
    asking = Asking(person.strip() or ACTOR, policy, timedelta(hours=settings.approval_hours))
    return Rules(frozenset(settings.accounts), role, asking)


def _posture(settings: RemediationSettings, catalogue: Catalogue) -> AwsPosture:
    return AwsPosture(Reading(reads(catalogue), settings.role_arn, settings.external_id, settings.accounts))


def _following(settings: RemediationSettings) -> Following:
    return Following(_runner(settings), time.sleep, utc_now, timedelta(seconds=settings.deadline))


def _runner(settings: RemediationSettings) -> RunbookRunner:
    from iacfix.adapters.aws.automation import SsmRunbooks  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays
    from iacfix.adapters.aws.member import MemberRole, Members  # noqa: PLC0415 - as above

    return SsmRunbooks(Members(MemberRole(settings.role_arn, frozenset(settings.accounts), settings.external_id)))


def _tell(approval: Approval) -> None:
    from iacfix.adapters.aws.tasks import answer_task  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

    facts = {"approval": approval.id, "by": approval.answered_by, "at": approval.answered_at, "note": approval.note}
    answer_task(approval.token, facts, approved=approval.state is ApprovalState.APPROVED)
