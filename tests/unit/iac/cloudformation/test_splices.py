import pytest

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.splices import Splice, apply, before_on_line, end_of_line, indent_of

DOCUMENT = CloudFormationDocument.read("t.yaml", "\ufeffResources:\r\n  é: {} # c\r\n".encode())


def test_edits_apply_together_in_any_order() -> None:
    resource = DOCUMENT.resources["é"]
    value, key = Splice(resource.end - 2, resource.end, "[]"), Splice(resource.start, resource.key_end, "üb")
    assert apply(DOCUMENT, value, key).data.decode() == "\ufeffResources:\r\n  üb: [] # c\r\n"


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply(DOCUMENT, Splice(3, 6, "x"), Splice(5, 7, "y"))


def test_what_no_longer_parses_is_refused() -> None:
    with pytest.raises(DocumentError, match="does not parse"):
        apply(DOCUMENT, Splice(len(DOCUMENT.data), len(DOCUMENT.data), "]"))
    with pytest.raises(DocumentError, match="no Unicode"):
        apply(DOCUMENT, Splice(3, 3, "\ud800"))


def test_lines_are_known_by_offset() -> None:
    start = DOCUMENT.resources["é"].start
    assert before_on_line(DOCUMENT, start) == indent_of(DOCUMENT, start) == "  "
    assert before_on_line(DOCUMENT, 3 + len("Resources")) == "Resources"
    assert DOCUMENT.text(start, end_of_line(DOCUMENT, start)) == "é: {} # c"
