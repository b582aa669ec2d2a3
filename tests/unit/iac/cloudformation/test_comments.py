import pytest

from iacfix.iac.cloudformation.comments import attached_comments, comments
from iacfix.iac.cloudformation.document import CloudFormationDocument


def read(text: str) -> CloudFormationDocument:
    return CloudFormationDocument.read("t.yaml", text.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a", ["# a"]),
        ("X: a#b # c", ["# c"]),
        ("X: 'a # b'", []),
        ('X: "a # b" # c', ["# c"]),
        ("X: [a, # b\n  c] # d", ["# b", "# d"]),
        ("X: | # head\n  # content\n# after", ["# head", "# after"]),
        ("X: >-\n  a # content", []),
        ("X: &a # b\n  y: 1\nZ: *a # c", ["# b", "# c"]),
        ("X: !Ref a#b # c", ["# c"]),
        ("X: a\n  b # c", ["# c"]),
        ("X: # b", ["# b"]),
    ],
)
def test_comments_are_told_from_content(text: str, expected: list[str]) -> None:
    document = read(f"{text}\nResources: {{}}\n")
    assert [each.text for each in comments(document)] == expected


def test_a_comment_has_its_place() -> None:
    document = read("Resources: # é\r\n  # own\r\n  A: {}\r\n")
    first, second = comments(document)
    assert (first.line, first.column, first.own_line, first.text) == (1, 11, False, "# é")
    assert (second.line, second.column, second.own_line) == (2, 2, True)
    assert document.text(second.start, second.end) == "# own"


TEMPLATE = """# loose

# about Resources
Resources: # beside
  # about A
  A: # in A
    Type: x
    # deeper

  # alone

  # about B
  # more
  B: {} # end of B
"""


def test_a_comment_belongs_to_its_entry() -> None:
    document = read(TEMPLATE)
    found = attached_comments(document)
    section = document.root.entries[0]
    assert found[document.resources["A"].start] == ("# about A", "# in A", "# deeper")
    assert found[document.resources["B"].start] == ("# about B", "# more", "# end of B")
    assert found[section.start] == ("# about Resources", "# beside")
    assert found[-1] == ("# loose", "# alone")
