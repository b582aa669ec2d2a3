"""A setting that is a variable or a local: the fix goes to the one place that decides what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from posixpath import dirname

from iacfix.domain.control import Control, Entries, Literal
from iacfix.domain.decision import DecidedBy, Decision, Reading
from iacfix.domain.errors import DocumentError
from iacfix.domain.location import Evidence, Framework, Location
from iacfix.domain.proposal import Candidate, Declined, Edit
from iacfix.generation.recipes.declined import DeclinedError
from iacfix.generation.recipes.frame import anchored
from iacfix.generation.recipes.terraform.written import rewritten
from iacfix.generation.recipes.wants import Defaults, wanted
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.compare import ASSIGNED
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.layout import literal, shown
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.settings import refused, setting
from iacfix.iac.values import Known
from iacfix.locators.deciding import Deciding, decide
from iacfix.locators.repository import Repository
from iacfix.locators.uses import used
from iacfix.validators import Case, Origin
from iacfix.validators.control import unmended

STRATEGY = "followed variable"


@dataclass(frozen=True)
class Followed:
    """A change of the deciding value, and the case that it is judged against."""

    candidate: Candidate
    case: Case
    decision: Decision
    reading: Reading


def follow(
    control: Control, case: Case, repository: Repository, defaults: Mapping[str, Literal]
) -> Followed | Declined | None:
    """Why no other place is changed either; None where the recipe has more to say of the resource itself.

    `case` is that of the resource, for which the recipe declined by what its file's folder says alone.
    """
    folder = dirname(case.location.path)
    now = case.recheck(control, case.location, used(folder, repository))
    if not isinstance(now, Declined):
        return None
    try:
        if now.reading is not None:
            return _followed(control, now.reading, case, repository, defaults)
        callers = repository.instances.callers.get(folder, ())
        reading = next((each for each in now.assumed if each is not None), None)
        if reading is None or len(callers) < 2:  # noqa: PLR2004 - several
            return now
        found = decide(reading, folder, repository)  # the default says what is right, and a call may say otherwise
        return replace(now, reason=f"{now.reason}; {found}") if isinstance(found, str) else now
    except DeclinedError as error:
        return replace(now, reason=f"{now.reason}; {error.what}")


def _followed(control: Control, reading: Reading, case: Case, repository: Repository, defaults: Defaults) -> Followed:
    """Raises DeclinedError."""
    folder = dirname(case.location.path)
    value = wanted(reading.want, defaults)
    if value == "" or isinstance(value, Entries):  # emptied to make way for what a later step sets; or a part of a map
        raise DeclinedError("the whole value that is to stand there is not known")
    text = literal(value)
    deciding = decide(reading, folder, repository)
    if isinstance(deciding, str):
        raise DeclinedError(f"{deciding}; {text} is wanted there")
    decision = deciding.decision
    place = f"{reading.name} is decided at {decision.path}:{deciding.found.start_line}, where {text} is wanted, and"
    after = _changed(reading, deciding, defaults)
    now = setting(after, decision.address, decision.attribute)
    for variable in deciding.variables:
        if now is None or (reason := refused(variable, now.value)):
            raise DeclinedError(f"{place} {variable.address} may not take it: {reason}")

    def origin_after(data: bytes) -> Module:
        return used(folder, repository, TerraformDocument.read(decision.path, data))

    origin = Origin(case.location, reading, decision, used(folder, repository), origin_after)
    if reason := unmended(case.recheck(control, case.location, origin_after(after.data)), origin):
        raise DeclinedError(f"{place} {reason}")
    edit = Edit(decision.path, deciding.document.data, after.data)
    candidate = Candidate(anchored(edit), f"recipe:{control.id}", explanation=_explained(deciding, after))
    code = deciding.module.with_document(deciding.document)
    located = replace(case, location=_location(deciding, case.location), code=code, origin=origin)
    return Followed(candidate, located, decision, reading)


def _changed(reading: Reading, deciding: Deciding, defaults: Defaults) -> TerraformDocument:
    """A text that is converted to what it says stays a text: `"false"` becomes `"true"`."""
    found = deciding.found
    try:
        splice, replacement = rewritten(reading.want, deciding.document, found, defaults)
        value = found.value
        if isinstance(value, Known) and isinstance(value.value, str) and replacement[:1] not in {'"', "["}:
            splice = replace(splice, text=f'"{replacement}"')
        return edits.apply(deciding.document, splice)
    except DocumentError as error:
        raise DeclinedError(f"{reading.name} is set in {deciding.decision.path}: {error.what}") from None


def _explained(deciding: Deciding, after: TerraformDocument) -> str:
    decision, found = deciding.decision, deciding.found
    now = setting(after, decision.address, decision.attribute)
    was = shown(found.value, deciding.document.text(found.value_start, found.value_end))
    becomes = shown(now.value, after.text(now.value_start, now.value_end)) if now is not None else ""
    said = f"Changes {_named(decision)} in {decision.path} from {was} to {becomes}: {', and '.join(decision.why)}."
    if decision.by is DecidedBy.DEFAULT:
        name = decision.address.removeprefix("var.")
        said += (
            f" Callers outside this repository that do not set {name} get the new value too; what `-var`, "
            f"TF_VAR_{name} or a variable file outside this repository sets still wins."
        )
    return said


def _named(decision: Decision) -> str:
    match decision.by:
        case DecidedBy.DEFAULT:
            return f"the default of {decision.address}"
        case DecidedBy.LOCAL:
            return decision.address
        case DecidedBy.VARIABLE_FILE:
            return decision.address.removeprefix(ASSIGNED)
        case DecidedBy.ARGUMENT:
            return f"the argument {decision.attribute} of {decision.address}"


def _location(deciding: Deciding, origin: Location) -> Location:
    decision = deciding.decision
    blocks = deciding.document.by_address.get(decision.address, ())
    start, end = (blocks[0].start, blocks[0].end) if blocks else (deciding.found.start, deciding.found.end)
    return Location(
        decision.path,
        decision.address,
        Framework.TERRAFORM,
        start,
        end,
        decision.start_line,
        decision.end_line,
        tuple(Evidence(STRATEGY, each) for each in decision.why),
        origin.confidence,
    )
