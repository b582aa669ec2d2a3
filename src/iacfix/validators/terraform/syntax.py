"""Stage syntax: strictly Terraform, by a second parser and by the rules that both parsers let pass."""

import hcl2
from lark.exceptions import LarkError

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.compare import Change, check_strict
from iacfix.validators import texts
from iacfix.validators.terraform.laid_out import laid_out
from iacfix.validators.terraform.trial import TerraformTrial
from iacfix.validators.trial import RejectedError


def run(trial: TerraformTrial) -> TerraformTrial:
    document = trial.document_after
    texts.check_seen(trial.document_before.data, document.data)
    try:
        check_strict(document)
    except DocumentError as error:
        if _was_so(trial):
            return trial  # what was wrong before is not this diff's doing, and the other stages still hold
        raise RejectedError(f"line {error.line}: {error.what}", remedy="write it as Terraform wants it") from None
    for change in trial.changes:
        for block in trial.blocks_after(change.address) if change.change is not Change.REMOVED else ():
            _second_opinion(document.text(block.start, block.end), change.address)
    return laid_out(trial)


def _was_so(trial: TerraformTrial) -> bool:
    try:
        check_strict(trial.document_before)
    except DocumentError:
        return True
    return False


def _second_opinion(text: str, address: str) -> None:
    """python-hcl2 reads plain ASCII HCL; what it cannot read by design is left to the first parser."""
    if not text.isascii():
        return
    try:
        hcl2.loads(text.replace("\r\n", "\n") + "\n")
    except (LarkError, RecursionError) as error:
        said = str(error).strip().split("\n", maxsplit=1)[0]
        raise RejectedError(f"{address} is not well-formed: {said}", remedy="write HCL that parses") from None
