"""How an entry of the ledger begins."""

from iacfix.domain.finding import Finding
from iacfix.domain.ledger import LedgerEntry, State
from iacfix.ledger.identity import ledger_key


def beginning(finding: Finding, repository: str, at: str) -> LedgerEntry:
    """`at` is ISO 8601 in UTC."""
    resource = finding.resource
    return LedgerEntry(
        key=ledger_key(finding, repository),
        state=State.RECEIVED,
        version=1,
        received_at=at,
        changed_at=at,
        control=finding.control or finding.check_id,
        resource=resource.identifier,
        account=resource.account,
        region=resource.region,
        severity=finding.severity.value,
        repository=repository,
        sources=sources_of(finding),
        reason=f"reported by {finding.source}",
    )


def sources_of(finding: Finding) -> tuple[str, ...]:
    """Every report of it, as `tool:id`."""
    return tuple(f"{source}:{identity}" for source, identity in finding.reports)
