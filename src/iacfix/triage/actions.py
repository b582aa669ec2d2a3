"""What a fix would touch, and what that allows: deletion never, IAM, network and database with an approval."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from iacfix.domain.control import Control, Risk
from iacfix.domain.finding import Finding
from iacfix.domain.triage import Action, Effect, GateResult, Mode

GATE = "action"

_SERVICES = {
    **dict.fromkeys(("iam", "kms", "cognito"), Action.IAM),
    **dict.fromkeys(("networkfirewall", "elb", "route53", "globalaccelerator", "waf", "cloudfront"), Action.NETWORK),
    **dict.fromkeys(
        ("rds", "dynamodb", "documentdb", "neptune", "redshift", "elasticache", "keyspaces", "timestream", "qldb"),
        Action.DATABASE,
    ),
}
# By the words of a type's name, of whatever tool: `aws_iam_role`, `AwsIamRole`, `AWS::IAM::Role`.
_TYPES = (
    (
        Action.IAM,
        re.compile(
            r"iam|sso_?admin|kms|cognito|policy|permission(?!sBoundary)|access_?key|organizations|identity",
            re.IGNORECASE,
        ),
    ),
    (
        Action.NETWORK,
        re.compile(
            r"security_?group|network|vpc|vpn|subnet|route|gateway(?!_?(rest|v2|method|stage|deployment))|transit"
            r"|load_?balanc|_(alb|elb|lb)(_|$)|elb|waf|firewall|(_|::|ec2)eip|cloud_?front|accelerator|ingress|egress",
            re.IGNORECASE,
        ),
    ),
    (
        Action.DATABASE,
        re.compile(
            r"(aws_?|::)rds|_db_|::db|dynamo|dax_|doc_?db|neptune|redshift|elasti_?cache|memory_?db|keyspaces|cassandra|timestream"
            r"|qldb",
            re.IGNORECASE,
        ),
    ),
)
_DELETES = re.compile(
    r"\b(?:should|must|ensure)\b.{0,80}?\b(?:be (?:removed|deleted|terminated)|(?:is|are) (?:removed|deleted))\b"
    r"|\bunused\b.{0,60}\bremove|\b(?:delete|terminate)\b.{0,20}\b(?:unused|stale|idle)\b",
    re.IGNORECASE,
)


class Limit(StrEnum):
    """`APPROVAL`: a person has to approve it, whatever the control's mode. `NEVER` cannot be taken from deletion."""

    ALLOW = "allow"
    APPROVAL = "approval"
    NEVER = "never"


STANDARD: Mapping[Action, Limit] = {
    Action.CONFIGURE: Limit.ALLOW,
    Action.IAM: Limit.APPROVAL,
    Action.NETWORK: Limit.APPROVAL,
    Action.DATABASE: Limit.APPROVAL,
    Action.DELETE: Limit.NEVER,
}


@dataclass(frozen=True, slots=True)
class ActionLimits:
    """`limits` replace those of STANDARD, but for deletion. Raises ValueError for that."""

    limits: Mapping[Action, Limit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.of(Action.DELETE) is not Limit.NEVER:
            msg = "nothing is ever deleted"
            raise ValueError(msg)

    def of(self, action: Action) -> Limit:
        return self.limits.get(action, STANDARD[action])

    @property
    def allowed(self) -> tuple[Action, ...]:
        """All that is not `NEVER`: what a policy is told may be proposed."""
        return tuple(action for action in Action if self.of(action) is not Limit.NEVER)

    def ask(self, actions: Iterable[Action], risk: Risk | None) -> GateResult:
        """`risk` is the catalogue's, None where it does not know the control."""
        asked = tuple(actions)
        for limit in (Limit.NEVER, Limit.APPROVAL):
            if held := [str(action) for action in asked if self.of(action) is limit]:
                named = " and ".join(held)
                if limit is Limit.NEVER:
                    return GateResult(GATE, Effect.DENIED, f"{named} is never done by a program")
                return GateResult(GATE, Effect.CAPPED, f"{named} needs an approval", Mode.SUPERVISED)
        if risk is None or risk is Risk.HIGH:
            said = "nobody knows its risk" if risk is None else "its risk is high"
            return GateResult(GATE, Effect.CAPPED, f"{said}, which needs an approval", Mode.SUPERVISED)
        return GateResult(GATE, Effect.PASSED, f"{', '.join(map(str, asked))} is allowed")


def actions_of(finding: Finding, control: Control | None) -> tuple[Action, ...]:
    """By the control's service, by the type of the resource and of whatever a fix may add, and by the finding's title.

    It may say too much, which costs an approval, rather than too little.
    """
    kinds = [finding.resource.type]
    titles = [finding.title]
    found: set[Action] = set()
    if control is not None:
        kinds += [kind for fix in control.fixes for kind in (*fix.targets, *fix.companions)]
        titles.append(control.title)
        if control.service in _SERVICES:
            found.add(_SERVICES[control.service])
    found |= {action for action, words in _TYPES if any(words.search(kind) for kind in kinds)}
    if any(_DELETES.search(title) for title in titles):
        found.add(Action.DELETE)
    return tuple(action for action in Action if action in found) or (Action.CONFIGURE,)
