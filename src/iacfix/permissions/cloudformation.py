"""Roles as a template of CloudFormation."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from iacfix.permissions.documents import PLACES, Document, Role

_REF: Final = re.compile(rf"\{{({'|'.join(PLACES)})\}}")
_NAMES: Final[Mapping[str, str]] = {
    "account": "AWS::AccountId",
    "partition": "AWS::Partition",
    "platform_role": "PlatformRoleArn",
    "external_id": "ExternalId",
    "organization": "OrganizationId",
    "automation_role": "AutomationRole.Arn",
    "state_machine": "StateMachineArn",
    "state_machine_role": "StateMachineRoleArn",
}
_PARAMETERS: Final[Mapping[str, Document]] = {
    "PlatformRoleArn": {
        "Type": "String",
        "AllowedPattern": r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$",
        "Description": "The role of the function in the platform account (output FunctionRoleArn of platform.yaml).",
    },
    "ExternalId": {
        "Type": "String",
        "NoEcho": True,
        "MinLength": 16,
        "Description": "A secret of this account and the platform, at least 16 characters.",
    },
    "StateMachineArn": {
        "Type": "String",
        "AllowedPattern": r"^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:.+$",
        "Description": "The state machine in the platform account (output StateMachineArn of platform.yaml).",
    },
    "StateMachineRoleArn": {
        "Type": "String",
        "AllowedPattern": r"^arn:aws[a-z-]*:iam::\d{12}:role/.+$",
        "Description": "Its role (output StateMachineRoleArn of platform.yaml).",
    },
    "OrganizationId": {
        "Type": "String",
        "AllowedPattern": "^o-[a-z0-9]{10,32}$",
        "Description": "The organisation that the platform account is of.",
    },
}


class _Tagged(str):
    __slots__ = ()


class _Ref(_Tagged):
    __slots__ = ()


class _GetAtt(_Tagged):
    __slots__ = ()


class _Sub(_Tagged):
    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Short tags, no anchors, lists set in."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 - the base class's
        del indentless
        super().increase_indent(flow, False)


for _tag in (_Ref, _GetAtt, _Sub):
    _Dumper.add_representer(
        _tag, lambda dumper, value: dumper.represent_scalar(f"!{type(value).__name__[1:]}", str(value))
    )


def template(roles: Sequence[Role], head: str) -> str:
    """`head` are comments above it."""
    resources: Document = {}
    outputs: Document = {}
    for role in roles:
        name = f"{role.key.capitalize()}Role"
        resources[name] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": role.name,
                "Description": role.about,
                "MaxSessionDuration": 3600,
                "AssumeRolePolicyDocument": _with_names(role.trust),
            },
        }
        for number, policy in enumerate(role.policies, start=1):
            resources[f"{role.key.capitalize()}Policy{number}"] = {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "Description": role.about,
                    "Roles": [_Ref(name)],
                    "PolicyDocument": _with_names(policy),
                },
            }
        outputs[f"{name}Arn"] = {"Value": _GetAtt(f"{name}.Arn")}
    body: Document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "What iacfix may do in this account.",
        "Parameters": {name: each for name, each in _PARAMETERS.items() if _used(name, resources)},
        "Resources": resources,
        "Outputs": outputs,
    }
    if not body["Parameters"]:
        del body["Parameters"]
    return head + yaml.dump(body, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


def _with_names(value: object) -> object:
    match value:
        case dict():
            return {key: _with_names(each) for key, each in value.items()}
        case list():
            return [_with_names(each) for each in value]
        case str() if whole := _REF.fullmatch(value):
            name = _NAMES[whole[1]]
            return _GetAtt(name) if name.endswith(".Arn") else _Ref(name)
        case str() if _REF.search(value):
            return _Sub(_REF.sub(lambda found: f"${{{_NAMES[found[1]]}}}", value))
        case _:
            return value


def _used(parameter: str, value: object) -> bool:
    match value:
        case dict():
            return any(_used(parameter, each) for each in value.values())
        case list():
            return any(_used(parameter, each) for each in value)
        case _:
            return isinstance(value, _Ref) and value == parameter
