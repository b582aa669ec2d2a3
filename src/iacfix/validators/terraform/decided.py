"""Where the change is not at the resource but at the one value that its setting reads."""

from iacfix.iac.terraform import edits
from iacfix.iac.terraform.compare import Change
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.settings import setting
from iacfix.validators.terraform import reach
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.validators.terraform.weakening import weakened
from iacfix.validators.trial import Origin, RejectedError


def scope(trial: TerraformTrial, origin: Origin) -> None:
    """That value alone. Raises RejectedError. Whether anything else reads it was looked at when it was located."""
    decision = origin.decision
    for change in trial.changes:
        if (change.address, change.change) != (decision.address, Change.CHANGED):
            reason = f"line {change.start_line}: {change.address} is {change.change}, and the fix may not touch it"
            raise RejectedError(reason, remedy=_remedy(origin))
    before = trial.document_before.by_address.get(decision.address, ())
    after = trial.blocks_after(decision.address)
    names = [reach.changed_names(old, new) for old, new in zip(before, after, strict=True)]
    if any(each != {decision.attribute} for each in names):
        raise RejectedError(f"more of {decision.address} is changed than one value", remedy=_remedy(origin))


def _remedy(origin: Origin) -> str:
    decision = origin.decision
    return f"change {decision.attribute or 'the value'} of {decision.address} in {decision.path} and nothing else"


def hazard(trial: TerraformTrial, origin: Origin) -> str:
    """What a fix may not do to the resource, as if the values stood there; "" where it does nothing of that."""
    before, after = (_as_if(document, origin) for document in (trial.document_before, trial.document_after))
    if before is None or after is None:
        return f"the value that {origin.reading.setting} reads is gone"
    if what := weakened(before, after):
        return f"{origin.reading.address}: {what}"
    return ""


def _as_if(document: TerraformDocument, origin: Origin) -> Block | None:
    """The block that reads the value, with the value in the place of the name."""
    value = setting(document, origin.decision.address, origin.decision.attribute)
    ((around, _),) = origin.before.blocks[origin.reading.address]
    place = setting(around, origin.reading.address, origin.reading.attribute)
    if value is None or place is None:
        return None
    text = document.text(value.value_start, value.value_end)
    written = edits.apply(around, edits.Splice(place.value_start, place.value_end, text))
    return written.by_address[origin.reading.address][0]
