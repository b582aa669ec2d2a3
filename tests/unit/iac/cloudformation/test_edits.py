import json
from dataclasses import dataclass

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation import edits
from iacfix.iac.cloudformation.compare import changed_entries, check_strict
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.edits import NewResource, Path, Splice, literal
from iacfix.iac.cloudformation.values import read_value
from iacfix.iac.cloudformation.verified import canonical, extended, with_value, without_value
from iacfix.iac.values import Known, ListValue, ObjectValue, Unknown, Value


def read(text: str) -> CloudFormationDocument:
    return CloudFormationDocument.read("t.yaml", text.encode())


def applied(document: CloudFormationDocument, splice: Splice) -> str:
    return edits.apply(document, splice).data.decode()


HEAD = "Resources:\n  A:\n    Type: T::A::B\n"


def after_set(body: str, value: object, *path: str | int) -> str:
    document = read(HEAD + body)
    splice = edits.set_attribute(document, document.resources["A"], ("Properties", *path), literal(value))
    found = applied(document, splice)
    assert found.startswith(HEAD)
    return found.removeprefix(HEAD)


ENCRYPTION = {"Rules": [{"Default": {"Algorithm": "aws:kms", "Key": {"Fn::GetAtt": ["Key", "Arn"]}}}, {"Ref": "X"}]}


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("    Properties:\n      B: 1 # why\n", ("B",), True, "    Properties:\n      B: true # why\n"),
        ("    Properties:\n      B: 'x' # why\n", ("B",), "y", "    Properties:\n      B: 'y' # why\n"),
        ("    Properties:\n      B: x\n      # c\n", ("C",), "12", '    Properties:\n      B: x\n      C: "12"\n      # c\n'),
        ("", ("C",), "x", "    Properties:\n      C: x\n"),
        ("    Properties:\n", ("C",), "x", "    Properties:\n      C: x\n"),
        ("    Properties: # c\n", ("C",), "x", "    Properties: # c\n      C: x\n"),
        ("    Properties: {}\n", ("C",), "x", "    Properties:\n      C: x\n"),
        ("    Properties: null # c\n", ("C",), "x", "    Properties: # c\n      C: x\n"),
        ("    Properties: {B: 1}\n", ("C",), [{"Ref": "X"}], "    Properties: {B: 1, C: [!Ref X]}\n"),
        ('    Properties: {"B": 1}\n', ("C",), "x", '    Properties: {"B": 1, "C": "x"}\n'),
        ("    Properties: {\n      B: 1 # c\n    }\n", ("C",), 2, "    Properties: {\n      B: 1, # c\n      C: 2\n    }\n"),
        ("    Properties: {\n      B: 1, # c\n    }\n", ("C",), 2, "    Properties: {\n      B: 1, # c\n      C: 2,\n    }\n"),
        ("    Properties:\n      B: |\n        t\n", ("B",), {"Fn::Sub": "${A}"}, '    Properties:\n      B: !Sub "${A}"\n'),
        ("    Properties:\n      B: # c\n        D: 1\n", ("B",), "x", "    Properties:\n      B: x # c\n"),
        ("    Properties:\n      B: [1, 2]\n", ("B", 1), [3], "    Properties:\n      B: [1, [3]]\n"),
        ("    Properties:\n      B:\n      - D: 1\n", ("B", 0, "E"), [3], "    Properties:\n      B:\n      - D: 1\n        E:\n        - 3\n"),
        ("    Properties:\n      B: *x\n".replace("*x", "&y 1"), ("B",), 2, "    Properties:\n      B: 2\n"),
        (
            "    Properties:\n      B: 1",
            ("C",),
            ENCRYPTION,
            "    Properties:\n      B: 1\n      C:\n        Rules:\n          - Default:\n              Algorithm: aws:kms\n              Key: !GetAtt Key.Arn\n          - !Ref X",
        ),
        (
            "    Properties:\n      B: 1\n",
            ("C",),
            {"Fn::If": ["D", {"E": 1}, {"Ref": "AWS::NoValue"}]},
            "    Properties:\n      B: 1\n      C: !If\n        - D\n        - E: 1\n        - !Ref AWS::NoValue\n",
        ),
        ("    Properties:\n      B: 1\n", ("C", 0, "D"), 2, "    Properties:\n      B: 1\n      C:\n        - D: 2\n"),
        ("    Properties:\n      B: 1\n", ("C",), {"Fn::Base64": {"Fn::Sub": "${A}"}}, '    Properties:\n      B: 1\n      C:\n        Fn::Base64: !Sub "${A}"\n'),
    ],
)  # fmt: skip
def test_a_value_is_set_as_a_person_would(before: str, path: Path, value: object, after: str) -> None:
    assert after_set(before, value, *path) == after
    assert after_set(before.replace("\n", "\r\n"), value, *path).replace("\r\n", "\n") == after or not before


JSON = """{
  "Resources": {
    "A": {
      "Type" : "T::A::B",
      "Properties" : {
        "B" : [ "x", { "Ref" : "Y" } ],
        "C" : {}
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("B", 0), "é\n", '"x"', '"é\\n"'),
        (("C",), None, "{}", "null"),
        (("C", "D"), [1, 2], "{}", '{\n          "D" : [\n            1,\n            2\n          ]\n        }'),
        (("D",), {"Fn::GetAtt": ["A", "B"]}, '"C" : {}', '"C" : {},\n        "D" : {\n          "Fn::GetAtt" : [\n            "A",\n            "B"\n          ]\n        }'),
        (("D",), {"Ref": "X"}, '"C" : {}', '"C" : {},\n        "D" : {"Ref" : "X"}'),
    ],
)  # fmt: skip
def test_json_stays_json(path: Path, value: object, old: str, new: str) -> None:
    for text, expected in ((JSON, JSON.replace(old, new)), (JSON.replace("\n", "\r\n"), JSON.replace(old, new))):
        document = read(text)
        splice = edits.set_attribute(document, document.resources["A"], ("Properties", *path), literal(value))
        found = applied(document, splice)
        json.loads(found)
        assert found.replace("\r\n", "\n") == expected


def test_json_on_one_line_stays_on_it() -> None:
    document = read('{"Resources":{"A":{"Type":"T::A::B"}}}')
    splice = edits.set_attribute(document, document.resources["A"], ("Properties", "B"), literal([1, {"C": "d"}]))
    assert applied(document, splice) == '{"Resources":{"A":{"Type":"T::A::B","Properties":{"B":[1,{"C":"d"}]}}}}'


LISTED = """    Properties:
      B:
        - C: 1 # c
          # d
          D: 2

        - E # e
        # loose
      F: [1, 2] # f
      G:
        - only

      H: |
        text
    DeletionPolicy: Retain
"""


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("Properties", "B", 0, "C"), "C: 1 # c\n          # d", "# d"),
        (("Properties", "B", 0, "D"), "          D: 2\n", ""),
        (("Properties", "B", 0), "        - C: 1 # c\n          # d\n          D: 2\n", ""),
        (("Properties", "B", 1), "\n        - E # e\n", ""),
        (("Properties", "F", 0), "1, ", ""),
        (("Properties", "F", 1), ", 2", ""),
        (("Properties", "F"), "      F: [1, 2] # f\n", ""),
        (("Properties", "G", 0), "\n        - only", " []"),
        (("Properties", "G"), "      G:\n        - only\n", ""),
        (("Properties", "H"), "\n      H: |\n        text\n", ""),
        (("DeletionPolicy",), "    DeletionPolicy: Retain\n", ""),
    ],
)
def test_removing_takes_its_own_lines(path: Path, old: str, new: str) -> None:
    text = HEAD + LISTED
    document = read(text)
    assert text.count(old) == 1
    assert applied(document, edits.remove(document, document.resources["A"], path)) == text.replace(old, new)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("Properties", "B"), "- E # e\n", "- E # e\n        - x: !Ref Qq\n        - z\n"),
        (("Properties", "F"), "[1, 2]", "[1, 2, {x: !Ref Qq}, z]"),
        (("Properties", "G"), "- only\n", "- only\n        - x: !Ref Qq\n        - z\n"),
    ],
)
def test_a_list_grows_at_its_end(path: Path, old: str, new: str) -> None:
    document = read(HEAD + LISTED)
    items = [literal({"x": {"Ref": "Qq"}}), Known("z")]
    found = applied(document, edits.extend_list(document, document.resources["A"], path, items))
    assert found == (HEAD + LISTED).replace(old, new)


def test_a_resource_follows_the_one_it_belongs_to() -> None:
    new = NewResource("New", ObjectValue((("Type", Known("T::A::B")),)))
    tight = read(HEAD + "    # deeper\n  # about B\n  B: {Type: T::A::B}\n")
    found = applied(tight, edits.insert_resource(tight, tight.resources["A"], new))
    assert found == HEAD + "    # deeper\n  New:\n    Type: T::A::B\n  # about B\n  B: {Type: T::A::B}\n"
    loose = read(HEAD + "\n  B: {Type: T::A::B}")
    found = applied(loose, edits.insert_resource(loose, loose.resources["B"], new))
    assert found == HEAD + "\n  B: {Type: T::A::B}\n\n  New:\n    Type: T::A::B"
    flow = read(JSON)
    found = applied(flow, edits.insert_resource(flow, flow.resources["A"], new))
    assert found == JSON.replace(
        "      }\n    }\n", '      }\n    },\n    "New" : {\n      "Type" : "T::A::B"\n    }\n'
    )
    for name in ("A", "Not-a-name", ""):
        with pytest.raises(DocumentError):
            edits.insert_resource(tight, tight.resources["A"], NewResource(name, new.body))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("X: &x {B: 1}\nResources:\n  A:\n    Properties: *x\n", "is the alias"),
        ("Resources:\n  A:\n    Properties: &x\n      B: 1\n  C:\n    Properties: *x\n", "is used elsewhere"),
        ("Resources:\n  A:\n    Properties:\n      B: &x 1\n      C: *x\n", "refers to what would be replaced"),
        ("Resources:\n  A: {Properties: !If [C, {B: 1}, {B: 2}]}\n", "made by Fn::If"),
        ("Resources:\n  A: {Properties: {'Fn::If': [C, {B: 1}, {B: 2}]}}\n", "made by Fn::If"),
        ("X: &x {B: 1}\nResources:\n  A:\n    Properties:\n      <<: *x\n", "merge key"),
        ("Resources:\n  A:\n    Properties:\n      Fn::ForEach::Y: [a, [b], {}]\n      B: 1\n", "may make anything"),
        ("Resources:\n  A:\n    Properties:\n      Fn::Transform: {Name: N}\n      B: 1\n", "may make anything"),
        ("Resources:\n  A:\n    Properties: !Odd\n      B: 1\n", "has the tag"),
        ("Resources:\n  A:\n    Properties: [1]\n", "is a list"),
        ("Resources:\n  A:\n    Properties: text\n", "single value"),
        ("Resources:\n  A:\n    Properties:\n      B: 1\n      B: 2\n", "written twice"),
        ("X: &x\n  A: {Properties: {B: 1}}\nResources:\n  <<: *x\n", "merge key"),
    ],
)
def test_what_cannot_be_sure_is_refused_with_its_reason(text: str, what: str) -> None:
    document = read(text)
    resource = document.resources["A"]
    with pytest.raises(DocumentError, match=what):
        edits.set_attribute(document, resource, ("Properties", "B"), Known(2))
    with pytest.raises(DocumentError, match=what):
        edits.remove(document, resource, ("Properties", "B"))


def test_a_key_that_a_merge_would_bring_back_cannot_be_removed() -> None:
    document = read("X: &x {B: 1}\nResources:\n  A:\n    Properties:\n      <<: *x\n      B: 2\n      C: 3\n")
    with pytest.raises(DocumentError, match="does not read as it should"):
        edits.remove(document, document.resources["A"], ("Properties", "B"))


MISSING: list[Path] = [("Properties", "Z"), ("Properties", "F", 7), ()]
NO_LISTS: list[Path] = [("Properties", "Z"), ("Properties", "H"), ("Properties",)]
NO_PLACES: list[Path] = [("Properties", "F", 7), ("Properties", "Z", 1), ("Properties", "Fn::If"), ("<<",)]


def test_what_is_not_there_is_refused() -> None:
    document = read(HEAD + LISTED)
    resource = document.resources["A"]
    for path in MISSING:
        with pytest.raises(DocumentError):
            edits.remove(document, resource, path)
    for path in NO_LISTS:
        with pytest.raises(DocumentError):
            edits.extend_list(document, resource, path, [Known(1)])
    for path in NO_PLACES:
        with pytest.raises(DocumentError):
            edits.set_attribute(document, resource, path, Known(1))


@pytest.mark.parametrize("value", [Unknown("x"), Known(float("nan")), Known(10**30), Known("\ud800"), Known(1e100)])
def test_what_cannot_be_written_is_refused(value: Value) -> None:
    document = read(HEAD)
    with pytest.raises(DocumentError):
        edits.set_attribute(document, document.resources["A"], ("Properties", "B"), value)


@dataclass(frozen=True)
class Sample:
    text: str

    @property
    def document(self) -> CloudFormationDocument:
        return read(self.text)


names = st.sampled_from(["Bb", "Name", "a b", "012", "yes", "é", "Zz", "Fn"])
words = st.sampled_from(
    ["x", "true", "012", "Yes", "a: b", "a #b", "- c", "", " ", "1:30", "2012-10-17", "*", "é\n", "'", '"', "${A}"]
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-99, 10**6), st.sampled_from([0.5, -3.25]), words, st.text(max_size=4)
)
functions = st.sampled_from(
    [{"Ref": "X"}, {"Fn::GetAtt": ["A", "B"]}, {"Fn::Sub": "a-${B}"}, {"Fn::If": ["C", {"d": 1}, "e"]}]
)
data = st.recursive(
    scalars | functions,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def block(item: object, indent: int, draw: st.DrawFn) -> str:
    """One of the many ways to write a value, to stand behind a colon or a dash."""
    if isinstance(item, dict) and item and draw(st.booleans()):
        gap = draw(st.sampled_from(["", "", " # why", "\n# own line"]))
        step = draw(st.sampled_from([2, 4]))
        pairs = (
            f"{' ' * (indent + step)}{json.dumps(key)}:{block(value, indent + step, draw)}"
            for key, value in item.items()
        )
        return f"{gap}\n" + draw(st.sampled_from(["\n", "\n\n", "\n  # between\n"])).join(pairs)
    if isinstance(item, list) and item and draw(st.booleans()):
        parts = (f"{' ' * (indent + 2)}-{block(value, indent + 2, draw)}" for value in item)
        return "\n" + "\n".join(parts)
    if isinstance(item, str) and item.isalpha() and draw(st.booleans()):
        return f" |\n{' ' * (indent + 2)}{item}"
    return (
        " "
        + json.dumps(item, ensure_ascii=not "".join(map(str, [item])).isprintable())
        + draw(st.sampled_from(["", " # c"]))
    )


@st.composite
def templates(draw: st.DrawFn) -> Sample:
    bodies = {
        name: {"Type": "T::A::B", "Properties": draw(st.dictionaries(names, data, max_size=3))}
        for name in draw(st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, unique=True))
    }
    if draw(st.booleans()):
        indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
        text = json.dumps({"Resources": bodies}, indent=indent, ensure_ascii=False)
    else:
        text = "Resources:" + "".join(f"\n  {name}:{block(body, 2, draw)}" for name, body in bodies.items())
    text += draw(st.sampled_from(["", "\n"]))
    return Sample(text.replace("\n", "\r\n") if draw(st.booleans()) else text)


def paths(value: Value) -> list[Path]:
    found: list[Path] = [()]
    if isinstance(value, ObjectValue):
        found += [(key, *rest) for key, item in value.items for rest in paths(item)]
    elif isinstance(value, ListValue):
        found += [(at, *rest) for at, item in enumerate(value.items) for rest in paths(item)]
    return found


def check(document: CloudFormationDocument, splice: Splice, address: str, expected: Value) -> None:
    """Exactly that path has the new value, and the inverse gives the file back."""
    after = edits.apply(document, splice)
    check_strict(after)
    assert {each.address for each in changed_entries(document, after)} <= {address}
    assert canonical(after.resources[address.partition(".")[2]].value) == canonical(expected)
    assert document.is_json == after.is_json
    length = len(splice.text.encode())
    inverse = Splice(splice.start, splice.start + length, document.text(splice.start, splice.end))
    assert edits.apply(after, inverse).data == document.data


REASONS = (
    "is made by",
    "holds Fn::",
    "a comment stands",
    "no key to set",
    "is a single value",
    "does not read as it should",
    "it would change",
)


@settings(max_examples=150)
@given(templates(), st.data())
def test_an_edit_changes_its_path_alone(sample: Sample, draws: st.DataObject) -> None:
    try:
        document = sample.document
    except DocumentError:
        return  # characters that YAML does not take
    resource = draws.draw(st.sampled_from([*document.resources.values()]))
    value = literal(draws.draw(data))
    path = draws.draw(st.sampled_from([found for found in paths(resource.value) if found]))
    at = read_value(resource.entry.value)
    for part in path:
        at = (
            at.get(str(part)) or at
            if isinstance(at, ObjectValue)
            else at.items[int(part)]
            if isinstance(at, ListValue)
            else at
        )
    kind = draws.draw(st.sampled_from(["set", "new", "remove", "extend"]))
    if kind == "new" and not isinstance(at, ObjectValue):
        kind = "set"
    if kind == "extend" and not isinstance(at, ListValue):
        kind = "remove"
    try:
        if kind in {"set", "new"}:
            path = (*path, "Fresh", "Deeper") if kind == "new" else path
            splice = edits.set_attribute(document, resource, path, value)
            expected = with_value(resource.value, path, value)
        elif kind == "remove":
            splice = edits.remove(document, resource, path)
            expected = without_value(resource.value, path)
        else:
            splice = edits.extend_list(document, resource, path, [value, Known(value=True)])
            expected = extended(resource.value, path, (value, Known(value=True)))
    except DocumentError as error:
        event(f"refused {kind}: {error.what.rpartition(': ')[2][:60]}")
        # Nothing here is shared or merged: only functions on the way, and comments that would change hands, stand against it.
        if not any(reason in error.what for reason in REASONS):
            raise
        return
    event(f"made {kind}")
    check(document, splice, resource.address, expected)


@given(templates(), data)
def test_a_new_property_is_always_set(sample: Sample, new: object) -> None:
    try:
        document = sample.document
    except DocumentError:
        return
    value = literal(new)
    for resource in document.resources.values():
        properties = resource.get("Properties")
        if not isinstance(properties, ObjectValue | Known):
            continue
        path: Path = ("Properties", "Fresh", "Deeper")
        try:
            splice = edits.set_attribute(document, resource, path, value)
            check(document, splice, resource.address, with_value(resource.value, path, value))
        except DocumentError:
            must_end_in_block_text(sample)


def must_end_in_block_text(sample: Sample) -> None:
    """It has no last line end then, and anything behind it would give it one: the one thing that is refused."""
    assert not sample.text.endswith("\n")
    assert {"|", ">"} & set(sample.text)


@given(templates(), data)
def test_a_new_resource_is_always_added(sample: Sample, new: object) -> None:
    try:
        document = sample.document
    except DocumentError:
        return
    body = ObjectValue((("Type", Known("T::A::B")), ("Properties", literal({"P": new}))))
    for resource in document.resources.values():
        try:
            after = edits.apply(document, edits.insert_resource(document, resource, NewResource("Fresh", body)))
        except DocumentError:
            must_end_in_block_text(sample)
            continue
        assert [each.address for each in changed_entries(document, after)] == ["Resources.Fresh"]
        assert canonical(after.resources["Fresh"].value) == canonical(body)
        names_after = list(after.resources)
        assert names_after.index("Fresh") == names_after.index(resource.name) + 1
