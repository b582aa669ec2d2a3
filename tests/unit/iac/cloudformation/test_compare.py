import pytest

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.compare import COMMENTS, changed_entries, check_strict, check_unique
from iacfix.iac.cloudformation.document import CloudFormationDocument

BASE = """AWSTemplateFormatVersion: 2010-09-09

# loose

X: &x {k: 1}
Parameters:
  P: {Type: String, Default: a}
Resources:
  # about A
  A:
    Type: AWS::S3::Bucket
    Properties:
      On: true # why
      Text: 'a  b'
      Block: |
        one
      List: [1, 2]
      Alias: *x

  B:
    Type: AWS::S3::Bucket
    Properties: {Name: !Ref P}
Outputs:
  O: {Value: !GetAtt A.Arn}
"""


def read(text: str, path: str = "t.yaml") -> CloudFormationDocument:
    return CloudFormationDocument.read(path, text.encode())


def changes(after: str, before: str = BASE) -> list[tuple[str, str]]:
    return [(each.address, each.change.value) for each in changed_entries(read(before), read(after))]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("On: true", "On:    true", []),
        ("[1, 2]", "\n        - 1\n        - 2", []),
        ("'a  b'", '"a  b"', []),
        ("\n  B:", "\n\n\n  B:", []),
        ("On: true", "On: 1", [("Resources.A", "changed")]),
        ("On: true", "On: 'true'", [("Resources.A", "changed")]),
        ("On: true", "On: yes", [("Resources.A", "changed")]),
        ("[1, 2]", "[1, '2']", [("Resources.A", "changed")]),
        ("[1, 2]", "[2, 1]", [("Resources.A", "changed")]),
        ("        one", "        two", [("Resources.A", "changed")]),
        ("!Ref P", "!Sub P", [("Resources.B", "changed")]),
        ("!Ref P", "{Ref: P}", [("Resources.B", "changed")]),
        ("# why", "# why not", [("Resources.A", "changed")]),
        ("# about A", "# about B", [("Resources.A", "changed")]),
        ("# loose", "# lost", [(COMMENTS, "changed")]),
        ("# loose\n", "", [(COMMENTS, "removed")]),
        ("{k: 1}", "{k: 2}", [("X", "changed"), ("X.k", "changed"), ("Resources.A", "changed")]),
        ("Default: a", "Default: b", [("Parameters.P", "changed")]),
        ("  B:", "  C: {Type: T::A::B}\n  B:", [("Resources.C", "added")]),
        ("  O: {Value: !GetAtt A.Arn}", "  N: {}", [("Outputs.N", "added"), ("Outputs.O", "removed")]),
        ("2010-09-09", "'2010-09-09'", []),
    ],
)
def test_exactly_what_changed_is_named(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert old in BASE
    found = changes(BASE.replace(old, new))
    if "X" in dict(expected):
        assert set(found) >= {("X.k", "changed"), ("Resources.A", "changed")}
    else:
        assert found == expected


def test_nothing_changed_is_nothing_named() -> None:
    assert changes(BASE) == []
    assert changes(BASE.replace("\n", "\r\n")) == []


def test_a_key_written_twice_is_an_error_with_its_line() -> None:
    twice = BASE.replace("      On: true # why", "      On: true\n      On: false")
    for check in (check_unique, check_strict, lambda document: changed_entries(document, read(BASE))):
        with pytest.raises(DocumentError, match="On is written twice") as error:
            check(read(twice))
        assert error.value.line == 14


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("t.yaml", "Resources:\n  A: !Reff x\n", "!Reff is no function"),
        ("t.yaml", "Resources:\n  A: !!binary aGk=\n", "!!binary is no function"),
        ("t.yaml", "Resources: {A: 1, 'A': 2}\n", "A is written twice"),
        ("t.json", '{"Resources": {"A": 1,}}', "no JSON"),
        ("t.json", '{"Resources": {}} # c', "no JSON"),
        ("t.json", '{"Resources": {"A": NaN}}', "NaN is no number"),
        ("t.json", "{'Resources': {}}", "no JSON"),
    ],
)
def test_what_cloudformation_refuses_is_refused(path: str, text: str, what: str) -> None:
    with pytest.raises(DocumentError, match=what) as error:
        check_strict(read(text, path))
    assert error.value.what.startswith(path)


def test_what_cloudformation_takes_passes() -> None:
    check_strict(read(BASE))
    check_strict(read("Resources:\n  A: !!str 1\n  B: !!map {}\n  C: !Not [!Condition X]\n"))
    check_strict(read('{"Resources": {"A": [1.5, null, "\\u00e9"]}}', "t.json"))
    check_strict(read('\ufeff{"Resources": {}}', "t.json"))
