"""The roles of a member account: who may take them on, and what they may do there. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from iacfix.domain.errors import ConfigurationError
from iacfix.permissions.actions import Call, actions

# IAM counts characters without white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_POLICY: Final = 6144
MOST_POLICIES: Final = 10  # of managed ones on a role
# What a policy has beside its actions: version, effect, resource and condition, ARNs written out.
_AROUND: Final = 400

READING: Final = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search")
# They read, and what they read is more than how something is set.
_CONTENTS: Final = frozenset(
    {"dynamodb:GetItem", "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters"}
    | {"ssm:GetParametersByPath", "kinesis:GetRecords", "dynamodb:BatchGetItem", "ecr:GetAuthorizationToken"}
    | {"codecommit:GetBlob", "codecommit:GetFile", "lambda:GetFunction", "secretsmanager:BatchGetSecretValue"}
)
_MEANS_READING: Final = frozenset({"apigateway:GET", "cassandra:Select"})
# What a policy for remediation never has: it would let whoever runs a runbook become somebody else.
_NEVER: Final = (
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:CreateUser",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "organizations:",
    "sts:AssumeRole",
)

Calls = Mapping[str, frozenset[Call]]
"""By the id of a control: the calls that its check or its runbook makes."""


class Kind(StrEnum):
    """`VERIFY` reads. `REMEDIATE` starts runbooks, and these change things. `PLATFORM` is the function's."""

    VERIFY = "verify"
    REMEDIATE = "remediate"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Needs:
    """The actions of one role, and of which controls they are."""

    controls: tuple[str, ...]
    actions: tuple[str, ...]


def needs(kind: Kind, calls: Calls, controls: Iterable[str]) -> Needs:
    """What these controls need. Controls without calls of this kind need nothing.

    Raises ConfigurationError where nothing is left, or where a role would get what it may never have.
    """
    chosen = tuple(sorted(each for each in set(controls) if calls.get(each)))
    if not chosen:
        raise ConfigurationError(
            f"none of these controls has anything to {kind}",
            remedy="name others, or none for all: see `iacfix controls list`",
        )
    needed = actions(call for each in chosen for call in calls[each])
    if kind is Kind.VERIFY:
        _refuse([each for each in needed if not reads(each)], "does more than read how things are set")
    if kind is Kind.REMEDIATE:
        _refuse([each for each in needed if each.startswith(_NEVER)], "gives powers over others")
    return Needs(chosen, needed)


def reads(action: str) -> bool:
    """Whether it can only tell how something is set: it changes nothing, and reads no data of anybody's."""
    if action in _MEANS_READING:
        return True
    return action not in _CONTENTS and action.partition(":")[2].startswith(READING)


def split(needed: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """As few policies as hold them all. Raises ConfigurationError where a role cannot have as many."""
    parts: list[list[str]] = [[]]
    length = _AROUND
    for action in needed:
        more = len(action) + 3  # quotes and a comma
        if parts[-1] and length + more > LONGEST_POLICY:
            parts.append([])
            length = _AROUND
        parts[-1].append(action)
        length += more
    if len(parts) > MOST_POLICIES:
        raise ConfigurationError(
            f"{len(needed)} actions do not fit into the {MOST_POLICIES} policies of a role",
            remedy="enable fewer controls, or make two roles",
        )
    return tuple(tuple(part) for part in parts)


def _refuse(found: list[str], why: str) -> None:
    if found:
        raise ConfigurationError(f"{', '.join(found)} {why}", remedy="mend the check or the runbook that asks for it")
