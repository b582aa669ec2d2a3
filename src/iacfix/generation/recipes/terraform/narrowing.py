"""The verb `narrow`: everybody is taken out of statements that let others in too."""

from iacfix.domain.control import Narrow
from iacfix.domain.errors import DocumentError
from iacfix.generation.recipes.declined import DeclinedError, UnprovenError
from iacfix.generation.recipes.terraform.state import State
from iacfix.iac.policies import Everybody, everybody
from iacfix.iac.terraform import policies
from iacfix.iac.terraform.edits import Splice


def narrow(step: Narrow, state: State) -> State:
    """Raises DeclinedError, DocumentError."""
    while found := _found(step, state):
        if alone := next((each for each in found if not each.may_go(keeps_accounts=step.keeps_accounts)), None):
            said = f"statement {alone.statement + 1} lets in everybody and names nobody else who could stay"
            raise DeclinedError(f"{said}: {step.otherwise}")
        note = f"takes everybody out of statement {found[0].statement + 1} of {state.name}, which names others too"
        state = state.edited(_splice(step, found[0], state), note)
    return state


def _found(step: Narrow, state: State) -> list[Everybody]:
    try:
        if not step.policy:
            return list(everybody(policies.of_block(state.block)))
        attribute = state.block.attribute(step.policy)
        if attribute is None:
            raise UnprovenError(f"{state.name} has no {step.policy}: {step.otherwise}")
        return list(everybody(policies.read(attribute)))
    except DocumentError as error:
        raise UnprovenError(f"{error.what}: {step.otherwise}") from None


def _splice(step: Narrow, place: Everybody, state: State) -> Splice:
    if not step.policy:
        return policies.taken_out_of_block(state.document, state.block, place.path)
    attribute = state.block.attribute(step.policy)
    if attribute is None:
        raise UnprovenError(f"{state.name} has no {step.policy}: {step.otherwise}")
    return policies.taken_out(state.document, attribute, place.path)
