"""Findings of several tools about one fact: one finding, as the ledger has one entry for it."""

from collections.abc import Sequence

from iacfix.controls import Catalogue
from iacfix.domain.finding import Finding, FindingRead
from iacfix.findings.merging import merged
from iacfix.ledger.identity import ledger_key
from iacfix.workflows.fix import identify


def one_for_each_fact(reads: Sequence[FindingRead], catalogue: Catalogue) -> tuple[FindingRead, ...]:
    """In the order of the first report of each. Who else reported it is in `Finding.also`, and so in the ledger."""

    def fact(finding: Finding) -> str:
        return ledger_key(identify(finding, catalogue)[0])

    return merged(reads, fact)
