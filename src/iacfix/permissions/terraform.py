"""Roles as code of Terraform, laid out as `terraform fmt` would."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from iacfix.permissions.documents import PLACES, Role

_REF: Final = re.compile(rf"\{{({'|'.join(PLACES)})\}}")
_NAMES: Final[Mapping[str, str]] = {
    "account": "data.aws_caller_identity.current.account_id",
    "partition": "data.aws_partition.current.partition",
    "platform_role": "var.platform_role_arn",
    "external_id": "var.external_id",
    "organization": "var.organization_id",
    "automation_role": "aws_iam_role.automation.arn",
    "state_machine": "var.state_machine_arn",
    "state_machine_role": "var.state_machine_role_arn",
}
_BARE: Final = re.compile(r"[A-Za-z]\w*")
_DATA: Final = ('data "aws_caller_identity" "current" {}', 'data "aws_partition" "current" {}')
_VARIABLES: Final = (
    r"""variable "platform_role_arn" {
  description = "The role of the function in the platform account (output function_role_arn of the platform module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::\\d{12}:role/.+$", var.platform_role_arn))
    error_message = "It has to be the ARN of a role."
  }
}""",
    r"""variable "external_id" {
  description = "A secret of this account and the platform, at least 16 characters."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "At least 16 characters."
  }
}""",
    r"""variable "state_machine_arn" {
  description = "The state machine in the platform account (output state_machine_arn of the platform module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:states:[a-z0-9-]+:\\d{12}:stateMachine:.+$", var.state_machine_arn))
    error_message = "It has to be the ARN of a state machine."
  }
}""",
    r"""variable "state_machine_role_arn" {
  description = "Its role (output state_machine_role_arn of the platform module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::\\d{12}:role/.+$", var.state_machine_role_arn))
    error_message = "It has to be the ARN of a role."
  }
}""",
    r"""variable "organization_id" {
  description = "The organisation that the platform account is of."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "It looks like o-a1b2c3d4e5."
  }
}""",
)


def module(roles: Sequence[Role], head: str) -> str:
    """`head` are comments above it. Variables come first where a role speaks of them."""
    blocks: list[str] = []
    for role in roles:
        blocks.append(
            f'resource "aws_iam_role" "{role.key}" {{\n'
            f'  name                 = "{role.name}"\n'
            f'  description          = "{role.about}"\n'
            "  max_session_duration = 3600\n\n"
            f"  assume_role_policy = jsonencode({_value(role.trust, 1)})\n}}"
        )
        for number, policy in enumerate(role.policies, start=1):
            blocks.append(
                f'resource "aws_iam_policy" "{role.key}_{number}" {{\n'
                f'  name        = "{role.name}-{number}"\n'
                f'  description = "{role.about}"\n\n'
                f"  policy = jsonencode({_value(policy, 1)})\n}}"
            )
            blocks.append(
                f'resource "aws_iam_role_policy_attachment" "{role.key}_{number}" {{\n'
                f"  role       = aws_iam_role.{role.key}.name\n"
                f"  policy_arn = aws_iam_policy.{role.key}_{number}.arn\n}}"
            )
        blocks.append(f'output "{role.key}_role_arn" {{\n  value = aws_iam_role.{role.key}.arn\n}}')
    used = "\n".join(blocks)
    data = [each for each in _DATA if ".".join(re.findall(r'"(\w+)"', each)) in used]
    variables = [each for each in _VARIABLES if re.search(rf"\bvar\.{each.split(chr(34))[1]}\b", used)]
    return head + "\n\n".join([*variables, *data, *blocks]) + "\n"


def _value(value: object, depth: int) -> str:
    match value:
        case dict():
            return _object(value, depth)
        case [only] if isinstance(only, dict):
            return f"[{_value(only, depth)}]"
        case list():
            inner = "  " * (depth + 1)
            items = "".join(f"{inner}{_value(each, depth + 1)},\n" for each in value)
            return f"[\n{items}{'  ' * depth}]"
        case str():
            return _text(value)
        case _:
            return json.dumps(value)


def _object(value: Mapping[str, object], depth: int) -> str:
    """Equal signs of neighbours that take one line each stand below one another."""
    inner = "  " * (depth + 1)
    rendered = [
        (key if _BARE.fullmatch(key) else json.dumps(key), _value(each, depth + 1)) for key, each in value.items()
    ]
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for key, text in rendered:
        run.append((key, text))
        if "\n" in text:  # it ends a run, and its key counts in it no more
            *before, last = run
            lines += [*_aligned(before, inner), f"{inner}{last[0]} = {last[1]}"]
            run = []
    return "\n".join(["{", *lines, *_aligned(run, inner), f"{'  ' * depth}}}"])


def _aligned(run: Sequence[tuple[str, str]], inner: str) -> list[str]:
    width = max((len(key) for key, _ in run), default=0)
    return [f"{inner}{key:<{width}} = {text}" for key, text in run]


def _text(value: str) -> str:
    if whole := _REF.fullmatch(value):
        return _NAMES[whole[1]]
    # What Terraform would read as a template stays text; the places become one.
    plain = json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return _REF.sub(lambda found: f"${{{_NAMES[found[1]]}}}", plain)
