"""The roles as policies of IAM, with places for what only the account knows: `{account}`, `{platform_role}`, …"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from iacfix.permissions.roles import Kind, Needs, split

Document = dict[str, object]

# How the forms that are deployed call what stands in braces.
PLACES: Final = (
    "partition",
    "account",
    "platform_role",
    "external_id",
    "organization",
    "automation_role",
    "state_machine",
    "state_machine_role",
)

VERIFICATION: Final = "iacfix-verification"
REMEDIATION: Final = "iacfix-remediation"
AUTOMATION: Final = "iacfix-automation"
PLATFORM: Final = "iacfix-platform"

_ELSEWHERE: Final = ("bedrock:", "sts:")
# Names of documents in one policy: a name has at most 128 characters, what stands around it about 60.
_MOST_NAMES: Final = 30
_SSM: Final = "arn:{partition}:ssm:*"


@dataclass(frozen=True, slots=True)
class Role:
    """`key` is its name in code (`verification`), `policies` are its managed ones."""

    key: str
    name: str
    about: str
    trust: Document
    policies: tuple[Document, ...]


def roles(kind: Kind, needed: Needs, runbooks: Sequence[str] = (), read: tuple[str, ...] = ()) -> tuple[Role, ...]:
    """`runbooks` are the names of the documents that may be started, `read` what is asked before and after."""
    match kind:
        case Kind.VERIFY:
            about = "Reads how resources are set, to see whether what was fixed is fixed."
            return (Role("verification", VERIFICATION, about, _from_platform(), own_account_only(needed.actions)),)
        case Kind.REMEDIATE:
            about = "Starts the runbooks of iacfix and follows them."
            policies = (*_starting(runbooks), *own_account_only(read))
            start = Role("remediation", REMEDIATION, about, _from_platform(_FROM_STATE_MACHINE), policies)
            about = "What the runbooks of iacfix change; Systems Manager takes it on for them."
            change = Role("automation", AUTOMATION, about, _from_ssm(), own_account_only(needed.actions))
            return start, change
        case Kind.PLATFORM:
            about = "What the function of the platform account calls, wherever it stands."
            return (Role("platform", PLATFORM, about, _from_lambda(), (*_elsewhere(needed), *_at_home(needed))),)


def own_account_only(needed: tuple[str, ...]) -> tuple[Document, ...]:
    """Nothing of another account, also where its owner would let us. Actions that know no resource are not held."""
    condition = {"StringEqualsIfExists": {"aws:ResourceAccount": "{account}"}}
    if not needed:
        return ()
    return tuple(
        _document({"Effect": "Allow", "Action": list(part), "Resource": "*", "Condition": condition})
        for part in split(needed)
    )


def _at_home(needed: Needs) -> tuple[Document, ...]:
    return own_account_only(tuple(each for each in needed.actions if not each.startswith(_ELSEWHERE)))


def _elsewhere(needed: Needs) -> tuple[Document, ...]:
    """What is not of the account: roles of the organisation's other accounts, and models."""
    condition = {"StringEquals": {"aws:ResourceOrgID": "{organization}"}}
    models = [
        "arn:{partition}:bedrock:*::foundation-model/*",
        "arn:{partition}:bedrock:*:{account}:inference-profile/*",
    ]
    members = [f"arn:{{partition}}:iam::*:role/{name}" for name in (VERIFICATION, REMEDIATION)]
    statements: list[Document] = []
    for prefix, resources, more in (("bedrock:", models, {}), ("sts:", members, {"Condition": condition})):
        if found := [each for each in needed.actions if each.startswith(prefix)]:
            statements.append({"Effect": "Allow", "Action": found, "Resource": resources, **more})
    return (_document(*statements),) if statements else ()


# Step Functions takes on a role with its state machine's ARN as the external id.
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
_FROM_STATE_MACHINE: Final[Document] = {
    "Effect": "Allow",
    "Principal": {"AWS": "{state_machine_role}"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": "{state_machine}", "aws:PrincipalOrgID": "{organization}"}},
}


def _from_platform(*others: Document) -> Document:
    """The platform's own role, that knows the account's external id, and only as long as it is of the organisation."""
    of_organization = {"aws:PrincipalOrgID": "{organization}"}
    principal = {"AWS": "{platform_role}"}
    return _document(
        {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "{external_id}", **of_organization}},
        },
        # Its request has no external id of its own: it comes with the one above, or to nothing.
        {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:TagSession",
            "Condition": {"StringEquals": of_organization},
        },
        *others,
    )


def _from_ssm() -> Document:
    condition = {
        "StringEquals": {"aws:SourceAccount": "{account}"},
        "ArnLike": {"aws:SourceArn": f"{_SSM}:{{account}}:automation-execution/*"},
    }
    service = {"Service": "ssm.amazonaws.com"}
    return _document({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole", "Condition": condition})


def _from_lambda() -> Document:
    service = {"Service": "lambda.amazonaws.com"}
    return _document({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"})


def _starting(runbooks: Sequence[str]) -> tuple[Document, ...]:
    """To follow what runs, and to start what is named: as many policies as the names take."""
    executions = f"{_SSM}:{{account}}:automation-execution/*"
    follow: Document = {
        "Effect": "Allow",
        "Action": ["ssm:AddTagsToResource", "ssm:GetAutomationExecution", "ssm:StopAutomationExecution"],
        "Resource": executions,
    }
    lend: Document = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "{automation_role}",
        "Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
    }
    named = [each for name in runbooks for each in _named(name)]
    parts = [named[first : first + _MOST_NAMES] for first in range(0, len(named), _MOST_NAMES)]
    starts = [
        _document({"Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": [*part, executions]})
        for part in parts
    ]
    return (_document(follow, lend), *starts)


def _named(runbook: str) -> tuple[str, ...]:
    """A document, by both names that IAM has for it. Those of AWS are of no account."""
    whose = "" if runbook.startswith("AWS") else "{account}"
    return f"{_SSM}:{whose}:automation-definition/{runbook}:*", f"{_SSM}:{whose}:document/{runbook}"


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
