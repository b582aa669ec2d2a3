"""Every runbook of the catalogue is there, takes what it is told, and calls what AWS has."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.runbook import Run, RuntimeFix
from iacfix.runtime.filling import asked, told
from iacfix.runtime.operations import reads, runbooks
from iacfix.runtime.target import ACCOUNT, Target, target_of
from iacfix.testing.owned_runbooks import OWNED
from iacfix.testing.runbook_steps import Document, calls_of, faults, given
from iacfix.testing.runbook_steps import _filled as filled
from iacfix.testing.service_contract import _operation as described
from iacfix.testing.service_contract import is_operation, misfit_of_input

ROOT = Path(__file__).resolve().parents[3]
OURS: Mapping[str, Document] = {
    path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "deploy" / "runbooks").glob("*.yaml"))
}
DOCUMENTS = {**OWNED, **OURS}
CONTROLS = load_catalogue()
FIXES = {each.id: each.runtime for each in CONTROLS if each.runtime is not None}
READS = reads(CONTROLS)
ROLE = "arn:aws:iam::123456789012:role/iacfix-remediation"
NAMES = {
    "kms:key": "0b2b2b44-1111-4222-8333-abcdefabcdef",
    "ec2:security-group": "sg-0123456789abcdef0",
    "ec2:subnet": "subnet-0123456789abcdef0",
    "ec2:instance": "i-0123456789abcdef0",
    "elasticloadbalancing:loadbalancer": "app/orders/0123456789abcdef",
    "elasticloadbalancing:loadbalancer/app": "orders/0123456789abcdef",
    "ecr:repository": "team/app",
}
# What stands there before, by what is read.
BEFORE = {
    "rules": ("sgr-0123456789abcdef0",),
    "permissions": ('{"FromPort": 22, "IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "ToPort": 22}',),
    "Status": ("Suspended",),
    "Mode": ("PassThrough",),
    "HttpTokens": ("optional",),
    "imageTagMutability": ("MUTABLE",),
    "BackupRetentionPeriod": ("0",),
}


def target(fix: RuntimeFix) -> Target:
    service, _, kind = fix.arn.partition(":")
    name = NAMES.get(fix.arn, "orders")
    place = "::" if service == "s3" else ":eu-west-1:123456789012"
    separator = ":" if service in {"rds", "lambda", "redshift"} else "/"
    resource = f"{kind}{separator}{name}" if kind else name
    identifier = "AWS::::Account:123456789012" if fix.arn == ACCOUNT else f"arn:aws:{service}{place}:{resource}"
    cloud = CloudResource("", identifier, account="123456789012", region="eu-west-1")
    found = target_of(Finding("a", "1", "c", "t", cloud), fix)
    assert isinstance(found, Target), found
    return found


def values_of(fix: RuntimeFix, run: Run) -> Mapping[str, tuple[str, ...]]:
    was = {name: BEFORE.get(name, ("false",)) for name in (*fix.state, "rules", "permissions")}
    return told(run, target(fix).values(ROLE), was)


RUNS = [(f"{name}-{run.runbook}", fix, run) for name, fix in FIXES.items() for run in (fix.run, fix.restore) if run]


def test_there_are_enough() -> None:
    assert len(FIXES) >= 15
    assert sum(fix.reversible for fix in FIXES.values()) >= 15
    assert all(bool(fix.irreversible) != fix.reversible for fix in FIXES.values())


def test_each_document_is_used_and_each_that_is_used_is_there() -> None:
    assert runbooks(CONTROLS) == DOCUMENTS.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_as_ssm_wants_it(name: str) -> None:
    assert faults(DOCUMENTS[name]) == ()
    if name in OURS:
        assert DOCUMENTS[name]["assumeRole"] == "{{ AutomationAssumeRole }}"
        assert re.fullmatch(r"iacfix-[A-Za-z]+", name)
        parameters: Any = DOCUMENTS[name]["parameters"]
        free = [
            each
            for each, parameter in parameters.items()
            if parameter["type"] == "String" and not parameter.keys() & {"allowedPattern", "allowedValues"}
        ]
        assert free == []


@pytest.mark.parametrize(("fix", "run"), [each[1:] for each in RUNS], ids=[each[0] for each in RUNS])
def test_what_a_runbook_is_told_it_takes_and_calls(fix: RuntimeFix, run: Run) -> None:
    document = DOCUMENTS[run.runbook]
    values = given(document, {name: list(each) for name, each in values_of(fix, run).items()})
    for service, operation, written in calls_of(document):
        assert is_operation(service, operation)
        called: Any = filled(written, values)
        assert misfit_of_input(service, operation, called) == ""


@pytest.mark.parametrize("control", FIXES)
def test_what_is_read_is_in_the_answer(control: str) -> None:
    fix = FIXES[control]
    assert (fix.reads.service, fix.reads.operation) in READS
    parameters: Any = asked(fix.reads.parameters, target(fix).values(""))
    assert misfit_of_input(fix.reads.service, fix.reads.operation, parameters) == ""
    shape = described(fix.reads.service, fix.reads.operation).output_shape
    plain = {"string", "boolean", "integer"}
    for path, kinds in [(each, plain) for each in fix.state.values()] + [
        (each, plain | {"structure"}) for each in fix.leave.values()
    ]:
        at: Any = shape
        for step in re.findall(r"\[[^\]]+\]|[^.\[\]]+", path):
            if at.type_name == "list":
                at = at.member
            elif at.type_name == "map":
                at = at.value
            else:
                at = at.members[step]
        assert at.type_name in kinds, path
    assert fix.right.keys() | fix.at_least.keys() <= fix.state.keys()
    assert fix.absent.keys() <= fix.state.keys()
    assert fix.open_port or fix.right or fix.at_least


def test_what_is_applied_at_once_brings_nothing_else_about() -> None:
    """RDS applies with it whatever waits for the maintenance window: another class, another version, a restart."""
    at_once = {name for name in OURS if "ApplyImmediately" in str(OURS[name])}
    fixes = [fix for fix in FIXES.values() if fix.run.runbook in at_once]
    assert len(fixes) == len(at_once) > 5
    assert [fix.run.runbook for fix in fixes if "PendingModifiedValues" not in fix.leave] == []
