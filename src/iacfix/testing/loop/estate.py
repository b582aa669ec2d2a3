"""The shop of the demo: its code in two languages, deployed and sent round."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from boto3.session import Session

from iacfix.testing.loop.account import LocalAccount
from iacfix.testing.loop.demo import Half, Loop, LoopError, Say
from iacfix.testing.loop.deployments import StackDeployment, TerraformDeployment
from iacfix.testing.loop.detector import RULES, Account
from iacfix.testing.loop.rows import Row
from iacfix.testing.terraform import Terraform, TerraformError, environment, installed, mirror

SHOP = Path(__file__).parent / "shop"
MADE_ANEW = frozenset({"parcels"})
"""Stacks whose updates moto drops, while it honours their properties when it makes them."""
HONOURED = frozenset({"S3.17", "SQS.1", "SNS.1", "DynamoDB.6", "ECR.2"})
"""What moto changes with a stack. Of ECR.1 it drops the property, so that the fix has to be caught by who looks."""
DROPPED = frozenset({"ECR.1"})
MIRROR = "IACFIX_TERRAFORM_MIRROR"


def run(home: Path, inherited: Mapping[str, str], command: Sequence[str], only: str, say: Say) -> list[Row]:
    """`only` names one half, "" both. Raises LoopError."""
    with LocalAccount(inherited) as account:
        live = Account(Session("testing", "testing", region_name=account.region), account.endpoint, account.number)
        loop = Loop(home, account, live, command, say)
        loop.configure(_key(live))
        rows: list[Row] = []
        try:
            for half in _halves(home, account, live, inherited, say):
                if only in {"", half.name}:
                    say(f"\n--- {half.name}")
                    rows += loop.run(half)
        except TerraformError as error:
            raise LoopError(str(error)) from None
        if not rows:
            raise LoopError("terraform is not on PATH")
        loop.settle()
        return rows


def _halves(home: Path, account: LocalAccount, live: Account, inherited: Mapping[str, str], say: Say) -> list[Half]:
    rules = tuple(each for each in RULES if each.id in HONOURED | DROPPED)
    deployment = StackDeployment(live, MADE_ANEW)
    stacks = Half("cloudformation", SHOP / "cloudformation", deployment, rules=rules, dropped=DROPPED)
    if not installed():
        say("terraform is not on PATH: CloudFormation goes round alone")
        return [stacks]
    provider = mirror(inherited.get(MIRROR, ""))
    variables = {**account.environment, **environment(home, account.environment["PATH"], provider)}
    terraform = Terraform(home / "terraform-work", variables)
    options = ("--state", str(terraform.state))
    return [Half("terraform", SHOP / "terraform", TerraformDeployment(terraform), options), stacks]


def _key(live: Account) -> str:
    """The one that the security team gives everybody to encrypt with."""
    made = cast("Mapping[str, object]", live.ask("kms", "create_key", Description="For everybody")["KeyMetadata"])
    live.ask("kms", "enable_key_rotation", KeyId=made["KeyId"])
    return str(made["Arn"])
