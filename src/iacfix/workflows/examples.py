"""Fixes to learn from: what recipes of near controls do to the smallest resource, where every stage accepts it."""

import json
from posixpath import basename

from iacfix.controls import Catalogue
from iacfix.domain.control import Control, LanguageFix
from iacfix.domain.finding import Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import Candidate, Generated
from iacfix.domain.verdict import Accepted
from iacfix.generation import recipes
from iacfix.generation.context import Example
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.validators import Case, Code, judge

MAX_EXAMPLES = 2
# So many controls are tried: most of those with a recipe can be shown on a resource that is nearly empty.
MAX_TRIED = 8
# A longer one shows more than there is to learn.
LONGEST_DIFF = 700


def examples(
    finding: Finding, control: Control | None, location: Location, resource_type: str, catalogue: Catalogue
) -> tuple[Example, ...]:
    """Of the control itself where its recipe can be shown, then of those that speak of the same kind of resource."""
    found: list[Example] = []
    for near in _nearest(finding, control, location.framework, resource_type, catalogue)[:MAX_TRIED]:
        example = _shown(near, location, resource_type)
        if example is not None and example.diff not in {each.diff for each in found}:
            found.append(example)
        if len(found) == MAX_EXAMPLES:
            break
    return tuple(found)


def _nearest(
    finding: Finding, control: Control | None, framework: Framework, resource_type: str, catalogue: Catalogue
) -> list[Control]:
    """Those with a recipe for this kind of resource, by the words that their titles share with the finding's."""
    words = _words(control.title if control is not None else finding.title)
    own = control.id if control is not None else ""
    able = [
        each
        for each in catalogue
        if (fix := _fix(each, framework)) is not None and fix.has_recipe and resource_type in fix.targets
    ]
    return sorted(able, key=lambda each: (each.id != own, -len(words & _words(each.title)), each.id))


def _words(title: str) -> frozenset[str]:
    return frozenset(title.lower().split())


def _fix(control: Control, framework: Framework) -> LanguageFix | None:
    return control.terraform if framework is Framework.TERRAFORM else control.cloudformation


def _shown(control: Control, location: Location, resource_type: str) -> Example | None:
    """None where the recipe declines, or a stage refuses what it makes."""
    place, code, data = _smallest(location, resource_type)

    def recheck(control: Control, location: Location, code: Code) -> Generated:
        return recipes.propose(control, location, code, {})

    made = recheck(control, place, code)
    if not isinstance(made, Candidate) or len(made.diff) > LONGEST_DIFF:
        return None
    verdict = judge(made, Case(control, place, code, lambda _: data, recheck))
    return Example(control.title.rstrip("."), verdict.diff.rstrip("\n")) if isinstance(verdict, Accepted) else None


def _smallest(location: Location, resource_type: str) -> tuple[Location, Code, bytes]:
    """A resource with nothing in it, in the language and the syntax of the file."""
    code: Code
    if location.framework is Framework.TERRAFORM:
        path, address = "example.tf", f"{resource_type}.example"
        data = f'resource "{resource_type}" "example" {{\n}}\n'.encode()
        document = TerraformDocument.read(path, data)
        code, block = Module({path: document}, {}), document.blocks[0]
        return _place(path, address, location.framework, (block.start, block.end), (1, 2)), code, data
    as_json = basename(location.path).endswith(".json")
    path, address = f"example.{'json' if as_json else 'yaml'}", "Resources.Example"
    data = _template(resource_type, as_json=as_json).encode()
    code = CloudFormationDocument.read(path, data)
    resource = code.resources["Example"]
    lines = resource.start_line, resource.end_line
    return _place(path, address, location.framework, (resource.start, resource.end), lines), code, data


def _place(path: str, address: str, framework: Framework, span: tuple[int, int], lines: tuple[int, int]) -> Location:
    return Location(path, address, framework, *span, *lines, (), 1.0)


def _template(resource_type: str, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"Resources": {"Example": {"Type": resource_type, "Properties": {}}}}, indent=2) + "\n"
    return f"Resources:\n  Example:\n    Type: {resource_type}\n"
