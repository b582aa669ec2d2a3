"""Values that only the owner can know, where no recipe can vouch for them."""

import re
from collections import Counter

from iacfix.validators.terraform import reach
from iacfix.validators.terraform.trial import TerraformTrial

# Names of things in somebody's account, and addresses. What is AWS's own (`arn:aws:iam::aws:policy/…`) is known to all.
_OF_AN_OWNER = re.compile(
    r"arn:aws[\w-]*:[\w-]+:[\w-]*:[0-9]{12}:[^\s\"'$]*|(?<![\w.-])[0-9]{12}(?![\w.-])|[a-z][a-z0-9+]{1,12}://[^\s\"'$]+"
    r"|(?<![\w-])(?:[a-z]{1,10})-[0-9a-f]{8}(?:[0-9a-f]{9})?(?![\w-])|[\w.+-]+@[\w-]+\.[\w.-]+"
)
# By what a file of the machine that runs Terraform comes in.
_READS = re.compile(r"\b(?:file|filebase64|templatefile)(?=\s*\()")


def made_up(trial: TerraformTrial) -> str:
    """Values of somebody's account that stood nowhere before, and content that comes from elsewhere."""
    if _recipes_know(trial):
        return ""
    known = "\n".join(document.data.decode() for document in trial.module.documents.values())
    for change in trial.changes:
        before = trial.document_before.by_address.get(change.address, ())
        old = "\n".join(trial.document_before.text(block.start, block.end) for block in before)
        new = "\n".join(
            trial.document_after.text(block.start, block.end) for block in trial.blocks_after(change.address)
        )
        if any(
            f'"{found}"' not in known
            for found in Counter(_OF_AN_OWNER.findall(new)) - Counter(_OF_AN_OWNER.findall(old))
        ):
            return f"{change.address} gets a value that stands nowhere in the code, and only its owner can know"
        if found := Counter(_READS.findall(new)) - Counter(_READS.findall(old)):
            return f"{change.address} gets {', '.join(found)}, by which other content comes into it"
    return ""


def _recipes_know(trial: TerraformTrial) -> bool:
    """Where recipes name settings, the control stage says what their values must be, and nothing else may change."""
    control = trial.case.control
    return control is not None and any(reach.steps_of(control))
