"""Security Hub's standards: which rule of which version the generator of a finding names."""

import re
from dataclasses import dataclass

CIS = "cis-aws-foundations-benchmark"
CONSOLIDATED = "security-control"
"""Not a standard: the id that a control has had in all of them since findings were consolidated."""

# `arn:aws:securityhub:::ruleset/…` of CIS 1.2.0, `…:control/…` where a finding points to its control.
_ARN = r"(?:arn:[a-z-]+:securityhub:[^:/]*:[^:/]*:[a-z]+/)?"
_FORMS = (
    re.compile(rf"{_ARN}(?P<standard>{CONSOLIDATED})/(?P<id>[^/]+)"),
    re.compile(rf"{_ARN}(?P<standard>{CIS})/v/(?P<version>[0-9.]+)/(?:rule/)?(?P<id>[0-9.]+)"),
    re.compile(
        rf"{_ARN}(?P<standard>[a-z0-9-]+)/v/(?P<version>[0-9.]+)/(?P<id>(?:[A-Za-z][A-Za-z0-9]*\.)+[0-9]+)",
    ),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a standard: `cis-aws-foundations-benchmark`, `1.2.0`, `2.9`. A consolidated id has no version."""

    standard: str
    version: str
    id: str

    @property
    def check_id(self) -> str:
        """CIS numbers mean something else in each version, so the version is part of theirs (`CIS.1.2.0/2.9`).

        All other ids mean one thing: those of PCI DSS 3.2.1 begin with `PCI.`, and the rest are the consolidated ones.
        """
        return f"CIS.{self.version}/{self.id}" if self.standard == CIS else self.id


def rule_of(generator: str) -> Rule | None:
    """What a GeneratorId or the ARN of a standard's control says; None for what is no rule of Security Hub."""
    for form in _FORMS:
        if (match := form.fullmatch(generator)) is not None:
            parts = match.groupdict("")
            return Rule(parts["standard"], parts.get("version", ""), parts["id"])
    return None
