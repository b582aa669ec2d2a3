"""The verb `narrow` in a template: everybody is taken out of statements that let others in too."""

from iacfix.controls.property_paths import parts
from iacfix.domain.control import Narrow
from iacfix.domain.errors import DocumentError
from iacfix.generation.recipes.cloudformation.state import State, shown
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.iac.cloudformation import edits
from iacfix.iac.cloudformation.outcomes import settled
from iacfix.iac.policies import Everybody, everybody


def narrow(step: Narrow, state: State) -> State:
    """Raises DeclinedError, DocumentError."""
    path = parts(step.policy)
    while found := _found(step, state):
        if alone := next((each for each in found if not each.may_go(keeps_accounts=step.keeps_accounts)), None):
            said = f"statement {alone.statement + 1} lets in everybody and names nobody else who could stay"
            raise DeclinedError(f"{said}: {step.otherwise}")
        place = state.below_properties((*path, *found[0].path))
        splice = edits.remove(state.document, state.resource, place)
        said = f"statement {found[0].statement + 1} of {shown(state.name, path)}"
        state = state.edited(splice, f"takes everybody out of {said}, which names others too")
    return state


def _found(step: Narrow, state: State) -> list[Everybody]:
    written = state.find(parts(step.policy))
    if written is None:
        raise UnprovenError(f"{state.name} has no {step.policy}: {step.otherwise}")
    try:
        return list(everybody(settled(state.document, written)))
    except DocumentError as error:
        raise UnprovenError(f"{error.what}: {step.otherwise}") from None
