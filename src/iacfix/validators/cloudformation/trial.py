"""A candidate that changes a CloudFormation template."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from iacfix.domain.control import Control
from iacfix.domain.errors import DocumentError
from iacfix.domain.proposal import Edit
from iacfix.iac.cloudformation.compare import Change, EntryChange, changed_entries
from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.iac.values import Known, ObjectValue
from iacfix.validators.assertions.truth import Answer
from iacfix.validators.cloudformation import reach, reading
from iacfix.validators.differences import Compared, differences
from iacfix.validators.trial import Code, RejectedError, Trial

SECTION = "Resources"


@dataclass(frozen=True)
class TemplateTrial(Trial):
    after: CloudFormationDocument | None = None

    def reading(self, edit: Edit) -> "TemplateTrial":
        try:
            return replace(self, after=CloudFormationDocument.read(edit.path, edit.after))
        except DocumentError as error:
            raise RejectedError(f"after the diff {error.what}", remedy="write a template that parses") from None

    @property
    def document_before(self) -> CloudFormationDocument:
        if not isinstance(self.case.code, CloudFormationDocument):
            msg = "a resource of a template stands in a template"
            raise TypeError(msg)
        return self.case.code

    @property
    def document_after(self) -> CloudFormationDocument:
        return self.after if self.after is not None else self.document_before

    @property
    def code_after(self) -> CloudFormationDocument:
        return self.document_after

    @property
    def target(self) -> str:
        """The logical id."""
        return self.case.location.address.removeprefix(f"{SECTION}.")

    @property
    def target_before(self) -> Resource:
        return self.document_before.resources[self.target]

    @property
    def target_after(self) -> Resource | None:
        return self.document_after.resources.get(self.target)

    @cached_property
    def changes(self) -> tuple[EntryChange, ...]:
        """What differs, entry by entry. Raises RejectedError where a key is written twice."""
        try:
            return changed_entries(self.document_before, self.document_after)
        except DocumentError as error:
            raise RejectedError(error.what, remedy="leave each key once") from None

    def touched(self) -> Iterator[tuple[Resource | None, Resource]]:
        """Before and after of every resource that was changed or added."""
        for change in self.changes:
            section, _, name = change.address.partition(".")
            if section == SECTION and change.change is not Change.REMOVED and name in self.document_after.resources:
                yield self.document_before.resources.get(name), self.document_after.resources[name]

    def asserted(self, control: Control, code: Code) -> Answer:
        if not isinstance(code, CloudFormationDocument):
            msg = "a resource of a template stands in a template"
            raise TypeError(msg)
        asked = asked_for(code) - self.document_before.parameters.keys()
        return reading.holds(control, code, self.target, self.case.defaults, asked)

    @property
    def is_guided(self) -> bool:
        return self.case.control is not None and any(reach.steps_of(self.case.control))

    @cached_property
    def compared(self) -> tuple[Compared, ...]:
        found = []
        for old, new in self.touched():
            was = None if old is None else old.get("Properties") or ObjectValue(())
            now = new.get("Properties") or ObjectValue(())
            written = differences(was, now)
            found.append(Compared(new.address, new.type, was, now, written, written))
        return tuple(found)

    @property
    def known_text(self) -> str:
        return f"{self.case.given}\n{self.document_before.data.decode()}"

    def is_secret(self, parts: tuple[str, ...]) -> bool:
        parameter = self.document_before.parameters.get(parts[0])
        return parameter is not None and parameter.get("NoEcho") not in {None, Known(value=False), Known("false")}

    @property
    def undeclared(self) -> str:
        after = self.document_after
        for old, new in self.touched():
            before = frozenset(old.references()) if old is not None else frozenset()
            for parts in new.references():
                name = parts[0]
                if parts in before or name.startswith("AWS::") or name in after.parameters or name in after.resources:
                    continue
                if not after.transforms:  # a macro may declare what it likes
                    return name
        return ""

    @property
    def touches_values(self) -> bool:
        return False

    @property
    def planned_addresses(self) -> frozenset[str]:
        return frozenset({self.case.location.address, *(change.address for change in self.changes)})

    @cached_property
    def settings(self) -> frozenset[str]:
        control = self.case.control
        if control is None:
            return frozenset()
        beside = (step.resource_type for step in reach.companions_of(control))
        inside = (path for kind in beside for path in reach.of_companion(control, kind, new=False))
        policies = reach.policies_of(reach.steps_of(control))
        return frozenset(".".join(path) for path in (*reach.of_target(control), *policies, *inside))

    @property
    def touches_settings(self) -> bool:
        if not self.settings or self.case.control is None or self.target_after is None:
            return True
        if any(change.address != self.case.location.address for change in self.changes):
            return True
        before, after = (each.get("Properties") for each in (self.target_before, self.target_after))
        changed, named = (
            reach.changed_paths(before, after),
            (reach.of_target(self.case.control) | frozenset(reach.policies_of(reach.steps_of(self.case.control)))),
        )
        return any(path[: len(each)] == each for path in changed for each in named)


# What a parameter may say that leaves its value to whoever deploys, and bounds that are looked at.
_OPEN = frozenset({"ConstraintDescription", "Description", "MaxLength", "MinLength", "NoEcho", "Type"})


def asked_for(document: CloudFormationDocument) -> frozenset[str]:
    """Parameters that have one value, and none unless a person gives it, who is not bound to give an empty one."""
    return frozenset(
        name
        for name, each in document.parameters.items()
        if isinstance(each.value, ObjectValue)
        and {key for key, _ in each.value.items} <= _OPEN
        and each.get("MaxLength") not in {Known(0), Known("0")}
        and not each.text("Type").startswith(("CommaDelimitedList", "List<"))
    )
