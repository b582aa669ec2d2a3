"""Whom a resource's policy lets in."""

import re
from collections.abc import Iterator

from iacfix.verification.answers import Node
from iacfix.verification.target import UnclearError

# Conditions that keep strangers out, where they are compared to values without a wildcard at the start.
_NARROWING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "kms:calleraccount",
        "lambda:eventsourcetoken",
        "s3:dataaccesspointaccount",
    }
)
_OWN = frozenset({"${aws:resourceaccount}", "${aws:resourceorgid}"})
_COMPARES = re.compile(r"(?i)(?:stringequals|stringequalsignorecase|stringlike|arnequals|arnlike)")
_BEFORE_BUCKET = re.compile(r"^arn:aws(?:-[a-z]+)*:s3:::")
_ACCOUNT_IN_ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w*-]*:[0-9]{12}:.*|arn:[\w-]+:s3:::[^*?]+", re.DOTALL)


def public_statement(policy: Node) -> str:
    """The first statement that lets everybody in, by its name or number; "" where there is none."""
    for number, statement in enumerate(statements(policy), 1):
        if statement.get("Effect") == "Deny":
            continue
        if _lets_everybody(statement) and not _is_narrowed(statement.get("Condition")):
            return str(statement.get("Sid") or f"number {number}")
    return ""


def statements(policy: Node) -> Iterator[Node]:
    """Raises UnclearError where there are none that could be read."""
    found = policy.get("Statement")
    for each in found if isinstance(found, list) else [found]:
        if not isinstance(each, dict) or each.get("Effect") not in ("Allow", "Deny"):
            raise UnclearError("the policy has something else than statements in it")
        yield each


def texts(value: object) -> tuple[str, ...]:
    """Of a text or a list of texts; numbers and truths, which conditions may be compared to, as texts."""
    items = value if isinstance(value, list) else [value]
    return tuple(str(each) for each in items if isinstance(each, (str, int)))


def _lets_everybody(statement: Node) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        if not principal or not all(map(texts, principal.values())):
            raise UnclearError("a statement of the policy does not say whom it lets in")
        return any(each.strip() == "*" for value in principal.values() for each in texts(value))
    if not isinstance(principal, str):
        raise UnclearError("a statement of the policy does not say whom it lets in")
    return True  # a text here can only be an asterisk


def _is_narrowed(condition: object) -> bool:
    """All conditions hold together, so that one that narrows is enough."""
    if not isinstance(condition, dict):
        return False
    return any(
        _COMPARES.fullmatch(str(operator)) and isinstance(keys, dict) and any(_narrows(k, v) for k, v in keys.items())
        for operator, keys in condition.items()
    )


def _narrows(key: object, value: object) -> bool:
    name, wanted = str(key).lower(), texts(value)
    if name not in _NARROWING or not wanted:
        return False
    # Compared to itself everybody is who they are; of the resource's own account and organisation that is not so.
    if any("${" in each and each.lower() not in _OWN for each in wanted):
        return False
    if name in {"aws:sourcearn", "aws:principalarn"}:
        return all(_ACCOUNT_IN_ARN.fullmatch(each) for each in wanted)
    return not any("*" in each or "?" in each for each in wanted)


def refuses_without_tls(policy: Node, bucket: str) -> bool:
    """Whether statements deny everybody everything over connections that are not encrypted, on the bucket itself and
    on each of its objects.
    """
    denied = [each for statement in statements(policy) if _refuses_plain(statement) for each in _resources(statement)]
    return any(each in {"*", bucket, f"{bucket}*"} for each in denied) and any(
        each in {"*", f"{bucket}*", f"{bucket}/*"} for each in denied
    )


def _resources(statement: Node) -> tuple[str, ...]:
    """Without what stands before the name of each bucket."""
    return tuple(_BEFORE_BUCKET.sub("", each) for each in texts(statement.get("Resource")))


def _refuses_plain(statement: Node) -> bool:
    principal, condition = statement.get("Principal"), statement.get("Condition")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in texts(principal.get("AWS")))
    if statement.get("Effect") != "Deny" or not everybody or not isinstance(condition, dict) or len(condition) != 1:
        return False
    compared = {str(key).lower(): value for key, value in condition.items()}.get("bool")
    if not isinstance(compared, dict) or len(compared) != 1:
        return False
    ((key, value),) = compared.items()
    is_plain = str(key).lower() == "aws:securetransport" and [each.lower() for each in texts(value)] == ["false"]
    return is_plain and any(each in {"*", "s3:*"} for each in texts(statement.get("Action")))


def allows_everything(policy: Node) -> bool:
    """Whether a statement allows every action on every resource."""
    return any(
        each.get("Effect") == "Allow"
        and ("NotAction" in each or any(text.strip("*") in {"", ":"} for text in texts(each.get("Action"))))
        and any(not text.strip("*") for text in texts(each.get("Resource")))
        for each in statements(policy)
    )
