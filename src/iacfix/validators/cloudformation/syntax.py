"""Stage syntax: strictly a template, by what CloudFormation refuses and a YAML parser lets pass."""

import json
import re
from collections import Counter

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.compare import check_strict
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.validators import texts
from iacfix.validators.cloudformation.trial import TemplateTrial
from iacfix.validators.trial import RejectedError

# `%TAG` changes what a tag means, `---` and `...` start and end a document.
_MARKS = re.compile(rb"(?m)^(?:%[A-Z]\S*|---|\.\.\.)(?=\s|$)")


def run(trial: TemplateTrial) -> TemplateTrial:
    before, after = trial.document_before, trial.document_after
    texts.check_seen(before.data, after.data)
    if (error := _wrong(after)) is not None and _wrong(before) is None:
        raise RejectedError(f"line {error.line}: {error.what}", remedy="write it as CloudFormation wants it")
    if Counter(_MARKS.findall(after.data)) - Counter(_MARKS.findall(before.data)):
        raise RejectedError(
            "the change brings a directive or a mark of another document", remedy="leave the file one plain document"
        )
    if _is_json(before.data) and not _is_json(after.data):
        raise RejectedError("the template was JSON, and is none after the diff", remedy="write JSON")
    return trial


def _wrong(document: CloudFormationDocument) -> DocumentError | None:
    """What was wrong before is not this diff's doing, and the other stages still hold."""
    try:
        check_strict(document)
    except DocumentError as error:
        return error
    return None


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
