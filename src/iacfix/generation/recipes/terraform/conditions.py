"""Whether a variant of a recipe is meant for a block."""

import re

from iacfix.domain.control import Condition
from iacfix.generation.recipes.declined import DeclinedError
from iacfix.generation.recipes.terraform.state import State
from iacfix.generation.recipes.wants import Holds, equal
from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.values import Known, ObjectValue, Value

# Settings that aws_s3_bucket held itself before version 4 of the AWS provider.
INLINE_S3 = frozenset(
    {
        "acl",
        "cors_rule",
        "grant",
        "lifecycle_rule",
        "logging",
        "replication_configuration",
        "server_side_encryption_configuration",
        "versioning",
        "website",
    }
)
SEPARATE_S3 = (
    "aws_s3_bucket_acl",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
)
SEPARATE_SINCE = 4

_MAJOR = re.compile(r"(~>|<=|<|>=|>|!=|=)?\s*v?(\d+)(\.\d+)?(\.\d+)?")


def met(condition: Condition, state: State) -> bool:
    """Raises DeclinedError when it cannot be told without a plan."""
    if condition.given:
        return condition.given in state.defaults
    if condition.style:
        return s3_style(state) == condition.style
    if condition.target:
        return state.top.labels[:1] == (condition.target,)
    found = _at(state.top, condition.attribute)
    if condition.present is not None:
        return (found is not None) == condition.present
    if condition.written is not None:
        return isinstance(found, Attribute) and equal(found.value, condition.written) is Holds.YES
    return found is not None and _is_so(condition, found, state)


def _is_so(condition: Condition, found: Attribute | Block, state: State) -> bool:
    if isinstance(found, Block):
        raise DeclinedError(f"{condition.attribute} is a block, not a value")
    value = state.module.resolve(found.value)
    if condition.not_matching:
        return re.search(condition.not_matching, _string(value, condition)) is None
    wanted = condition.one_of or ((condition.equals,) if condition.equals is not None else ())
    seen = {equal(value, choice) for choice in wanted}
    if Holds.YES in seen:
        return True
    if Holds.UNKNOWN in seen:
        raise DeclinedError(f"it depends on {condition.attribute}, whose value is not known without a plan")
    return False


def _at(block: Block, path: str) -> Attribute | Block | None:
    *outer, last = path.split(".")
    for name in outer:
        inner = block.nested(name)
        if len(inner) != 1:
            return None
        block = inner[0]
    nested, written = block.nested(last), block.attribute(last)
    if written is not None and written.value == Known(None):  # says the same as nothing
        written = None
    return written or (nested[0] if nested else None)


def _string(value: Value, condition: Condition) -> str:
    if isinstance(value, Known) and isinstance(value.value, str):
        return value.value
    raise DeclinedError(f"it depends on {condition.attribute}, whose value is not known without a plan")


def s3_style(state: State) -> str:
    """`inline` or `separate`: first by what the provider's version allows, then by what the module already does."""
    if any(_only_before(constraint, SEPARATE_SINCE) for constraint in _aws_constraints(state.module)):
        return "inline"
    if any(state.module.of_type(kind) for kind in SEPARATE_S3):
        return "separate"
    for _, block in state.module.of_type("aws_s3_bucket"):
        if INLINE_S3 & {*(item.name for item in block.attributes), *(item.keyword for item in block.blocks)}:
            return "inline"
    return "separate"


def _aws_constraints(module: Module) -> list[str]:
    found: list[Value] = []
    for _, terraform in module.blocks.get("terraform", ()):
        for required in terraform.nested("required_providers"):
            attribute = required.attribute("aws")
            value = attribute.value if attribute is not None else None
            version = value.get("version") if isinstance(value, ObjectValue) else value
            found += [version] if version is not None else []
    for _, provider in module.blocks.get("provider.aws", ()):
        attribute = provider.attribute("version")
        found += [attribute.value] if attribute is not None else []
    return [value.value for value in found if isinstance(value, Known) and isinstance(value.value, str)]


def _only_before(constraint: str, major: int) -> bool:
    """Whether a version constraint leaves no room for this major version or a later one."""
    for part in constraint.split(","):
        match = _MAJOR.fullmatch(part.strip())
        if match is None:
            continue
        operator, number, minor = match.group(1) or "=", int(match.group(2)), match.group(3)
        if operator == "=" and number < major:
            return True
        if operator == "~>" and number < major and minor:
            return True
        if operator == "<" and (number < major or (number == major and not int((minor or ".0")[1:]))):
            return True
        if operator == "<=" and number < major:
            return True
    return False
