"""Stage syntax: strictly Terraform, by a second parser and by the rules that both parsers let pass."""

import re
import unicodedata
from collections import Counter

import hcl2
from lark.exceptions import LarkError

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.compare import Change, check_strict
from iacfix.validators.trial import RejectedError, Trial

_ODD = re.compile(r"[^\x20-\x7e\t\n]")
# Control characters, marks without a width or that turn the direction of writing, separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def run(trial: Trial) -> Trial:
    document = trial.document_after
    if unseen := Counter(_unseen(document.data)) - Counter(_unseen(trial.document_before.data)):
        names = ", ".join(f"U+{ord(char):04X}" for char in sorted(unseen)[:3])
        raise RejectedError(f"the change brings characters that cannot be seen: {names}", remedy="write plain text")
    try:
        check_strict(document)
    except DocumentError as error:
        if _was_so(trial):
            return trial  # what was wrong before is not this diff's doing, and the other stages still hold
        raise RejectedError(f"line {error.line}: {error.what}", remedy="write it as Terraform wants it") from None
    for change in trial.changes:
        for block in trial.blocks_after(change.address) if change.change is not Change.REMOVED else ():
            _second_opinion(document.text(block.start, block.end), change.address)
    return trial


def _unseen(data: bytes) -> list[str]:
    """A carriage return is one unless it belongs to the end of a line."""
    text = data.decode().replace("\r\n", "\n")
    return [char for char in _ODD.findall(text) if unicodedata.category(char) in _UNSEEN]


def _was_so(trial: Trial) -> bool:
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
