"""What holds for every file: bytes come back, nothing crashes, size and depth do no harm."""

import contextlib
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.hcl import VALUES, files

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import edits
from iacfix.iac.terraform.compare import changed_blocks, check_strict
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.json_document import AnyDocument, JsonTerraformDocument, read_document
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.scan import scan

JSON_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(["${var.x}", "a-${b.c}", "${", "%{"])
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)
BODY = st.dictionaries(st.text(min_size=1), JSON_VALUES, max_size=4)
JSON_FILES = st.fixed_dictionaries(
    {},
    optional={
        "//": JSON_VALUES,
        "locals": BODY,
        "resource": st.dictionaries(st.text(), st.dictionaries(st.text(), BODY, max_size=2), max_size=2),
        "provider": st.dictionaries(st.text(), st.lists(BODY, max_size=2), max_size=2),
        "terraform": BODY,
    },
)


def used(document: AnyDocument) -> None:
    """Everything that is asked of a file."""
    if isinstance(document, JsonTerraformDocument):
        module = Module({}, {}, json={document.path: document})
    else:
        module = Module({document.path: document}, {})
    for block in document.blocks:
        block.references()
        for item in block.attributes:
            module.resolve(item.value)
    with contextlib.suppress(DocumentError):
        check_strict(document)
    assert changed_blocks(document, document) == ()


def refusal(path: str, data: bytes) -> DocumentError | None:
    try:
        read_document(path, data)
    except DocumentError as error:
        return error
    return None


def outcome(path: str, data: bytes) -> AnyDocument | None:
    scan(data, frozenset({"x"}))
    error = refusal(path, data)
    if error is not None:
        assert error.what.startswith(f"{path}:{error.line}: ")
        assert error.line
        assert error.remedy
        return None
    document = read_document(path, data)
    used(document)
    return document


@given(files(), VALUES, st.data())
def test_an_edit_and_its_inverse_give_the_same_bytes(text: str, value: str, data: st.DataObject) -> None:
    document = TerraformDocument.read("main.tf", text.encode())
    items = [item for block in document.blocks for item in block.attributes]
    if not items:
        return
    item = data.draw(st.sampled_from(items))
    rest_of_line = document.data[item.value_end :].partition(b"\n")[0]
    assume(not (value.startswith("<<") and rest_of_line.strip()))  # nothing may follow the end of a heredoc
    splice = edits.Splice(item.value_start, item.value_end, value)
    after = edits.apply(document, splice)
    inverse = edits.Splice(splice.start, splice.start + len(value.encode()), document.text(splice.start, splice.end))
    assert edits.apply(after, inverse).data == document.data
    assert after.data.startswith(document.data[: splice.start])
    assert after.data.endswith(document.data[splice.end :])


@given(files(), st.data())
def test_a_new_attribute_changes_its_block_alone(text: str, data: st.DataObject) -> None:
    document = TerraformDocument.read("main.tf", text.encode())
    if not document.blocks:
        return
    block = data.draw(st.sampled_from(document.blocks))
    splice = edits.set_attribute(document, block, "added", "true")
    after = edits.apply(document, splice)
    inverse = edits.Splice(
        splice.start, splice.start + len(splice.text.encode()), document.text(splice.start, splice.end)
    )
    assert edits.apply(after, inverse).data == document.data
    wanted = "local.added" if block.keyword == "locals" else block.address
    assert [change.address for change in changed_blocks(document, after)] == [wanted]


@given(JSON_FILES, JSON_VALUES, st.data())
def test_a_value_of_json_is_replaced_and_put_back(content: dict[str, object], new: object, data: st.DataObject) -> None:
    indent = data.draw(st.sampled_from([None, 2, "\t"]))
    raw = json.dumps(content, ensure_ascii=data.draw(st.booleans()), indent=indent).encode()
    document = JsonTerraformDocument.read("main.tf.json", raw)
    used(document)
    items = [item for block in document.blocks for item in block.attributes]
    if not items:
        return
    item = data.draw(st.sampled_from(items))
    written = json.dumps(new).encode()
    after = raw[: item.value_start] + written + raw[item.value_end :]
    changed = changed_blocks(document, JsonTerraformDocument.read("main.tf.json", after))
    same = json.loads(raw[item.value_start : item.value_end]) == new
    assert len(changed) <= 1
    assert same or changed
    end = item.value_start + len(written)
    assert after[: item.value_start] + raw[item.value_start : item.value_end] + after[end:] == raw


@given(files())
def test_what_is_made_up_parses_and_can_be_used(text: str) -> None:
    assert outcome("main.tf", text.encode()) is not None


@given(st.binary(max_size=300), st.sampled_from(["main.tf", "main.tf.json", "terraform.tfvars", "a.tfvars.json"]))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes, path: str) -> None:
    outcome(path, data)


@given(files(), st.data())
def test_a_file_that_ends_too_early_is_read_or_refused(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    outcome("main.tf", raw[: data.draw(st.integers(0, len(raw)))])


@given(JSON_FILES, st.data())
def test_json_that_ends_too_early_is_refused(content: dict[str, object], data: st.DataObject) -> None:
    raw = json.dumps(content, ensure_ascii=False).encode()
    assert outcome("main.tf.json", raw[: data.draw(st.integers(0, len(raw) - 1))]) is None


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("[", "]"), ("{ a = ", "}"), ("(", ")"), ("f(", ")"), ('"${', '}"'), ("!", ""), ("1 == 2 ? 3 : ", ""), ("[for x in y : ", "]")],
)  # fmt: skip
def test_values_may_be_nested_deeply(opening: str, closing: str) -> None:
    text = f"locals {{\n  x = {opening * 500}1{closing * 500}\n}}\n"
    outcome("main.tf", text.encode())


def test_blocks_may_be_nested_deeply() -> None:
    document = outcome("main.tf", b"a {\n" * 500 + b"}\n" * 500)
    assert document is not None
    outcome("main.tf.json", b'{"locals": {"x": ' + b"[" * 500 + b"]" * 500 + b"}}")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("main.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = "x-${var.a}"\n}\n' * 18_000),
        ("main.tf", "locals {\n  x = [" + '"an item of a list", ' * 45_000 + "]\n}\n"),
        ("main.tf", "locals {\n  x = <<EOF\n" + "line ${var.x}\n" * 70_000 + "EOF\n}\n"),
        ("main.tf", 'locals {\n  x = "' + "x" * 1_000_000 + '"\n}\n'),
        ("main.tf", "# comment\n" * 100_000),
        ("main.tf.json", '{"locals": {"x": [' + "1234567890," * 90_000 + "1]}}"),
        ("main.tf.json", '{"moved": [' + '{"from": "a.b"},' * 60_000 + "{}]}"),
    ],
)
def test_a_megabyte_is_read(path: str, text: str) -> None:
    assert outcome(path, text.encode()) is not None
