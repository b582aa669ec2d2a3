"""How code becomes resources: Terraform applied, stacks updated or made anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from iacfix.testing.loop.detector import Account
from iacfix.testing.terraform import Terraform


class Deployment(Protocol):
    def deploy(self, code: Path) -> str:
        """Makes the resources as the code in the folder says, and tells what was done."""


@dataclass(frozen=True, slots=True)
class TerraformDeployment:
    terraform: Terraform

    def deploy(self, code: Path) -> str:
        return self.terraform.apply(code)


@dataclass(frozen=True, slots=True)
class StackDeployment:
    """One stack for each template of the folder. moto carries out an update of a stack for few types and drops it for
    the others; stacks of `anew` are deleted and made again instead, with the names that the template gives.
    """

    account: Account
    anew: frozenset[str] = frozenset()

    def deploy(self, code: Path) -> str:
        return "; ".join(self._one(template) for template in sorted(code.glob("*.yaml")))

    def _one(self, template: Path) -> str:
        name, body = template.stem, template.read_text(encoding="utf-8")
        known = {str(each["StackName"]) for each in self._stacks()}
        if name in known and name in self.anew:
            self.account.ask("cloudformation", "delete_stack", StackName=name)
        updates = name in known - self.anew
        verb = "update_stack" if updates else "create_stack"
        self.account.ask("cloudformation", verb, StackName=name, TemplateBody=body)
        said = self.account.ask("cloudformation", "describe_stacks", StackName=name)
        (stack,) = cast("list[Mapping[str, object]]", said["Stacks"])
        return f"{name}: {stack['StackStatus']}{' (made anew)' if name in known and not updates else ''}"

    def _stacks(self) -> list[Mapping[str, object]]:
        said = self.account.ask("cloudformation", "describe_stacks")
        return cast("list[Mapping[str, object]]", said["Stacks"])
