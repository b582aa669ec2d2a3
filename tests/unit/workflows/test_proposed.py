import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.repositories import repository

from iacfix.controls import load_catalogue
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import CloudResource, Finding, Hint, InvalidFinding, Severity
from iacfix.entry.cli.records import line, outcome_record
from iacfix.workflows.fix import Fixer
from iacfix.workflows.proposed import Proposed, checked_key, read_proposals, sealed

SECRET = "AKIA" + "IOSFODNN7EXAMPLE"
KEY = b"k" * 32
SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "docs" / "outcome.schema.json").read_text())
FINDING = Finding(
    source="checkov",
    id="f-1",
    check_id="CKV_AWS_7",
    title="Rotate it",
    resource=CloudResource("aws_kms_key", "aws_kms_key.a", "a", "111122223333", "eu-west-1", (("Team", "a"),)),
    control="",
    severity=Severity.HIGH,
    hint=Hint("main.tf", "aws_kms_key.a", 1, 3),
    url="https://example.com/f",
    observed_at="2026-01-01T00:00:00Z",
    also=(("wiz", "w-1"), ("security_hub", "arn:aws:securityhub:eu-west-1:111122223333:finding/1")),
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, object]:
    folder = tmp_path_factory.mktemp("repository")
    fixer = Fixer(load_catalogue(), repository(folder, {"main.tf": 'resource "aws_kms_key" "a" {\n}\n'}))
    outcome = replace(fixer.fix(FINDING), repository="here")
    assert outcome.proposal is not None
    return outcome_record(outcome, "c" * 40)


def read(*records: Mapping[str, object], key: bytes = b"") -> tuple[Proposed | InvalidFinding, ...]:
    return read_proposals("\n".join(line(each) for each in records).encode(), key)


def test_what_is_written_is_read_again(record: Mapping[str, object]) -> None:
    whole = sealed(record, KEY)
    jsonschema.validate(whole, SCHEMA)
    (found,) = read(whole, key=KEY)
    assert isinstance(found, Proposed)
    assert found.finding == replace(FINDING, control="kms-key-rotation")
    assert (found.repository, found.base, found.path, found.address) == ("here", "c" * 40, "main.tf", "aws_kms_key.a")
    assert found.candidate.diff == record["diff"]
    assert found.candidate.generator == "recipe:kms-key-rotation"
    others = [{**record, "status": status} for status in ("already_fixed", "invalid_finding")]
    assert read(*others, whole, key=KEY) == (found,)
    assert read() == ()


def test_no_secret_of_a_finding_is_written(record: Mapping[str, object], tmp_path: Path) -> None:
    fixer = Fixer(load_catalogue(), repository(tmp_path, {"main.tf": 'resource "aws_kms_key" "a" {\n}\n'}))
    resource = replace(FINDING.resource, tags=((f"password={SECRET}", SECRET),))
    outcome = fixer.fix(replace(FINDING, resource=resource, title=SECRET, id=f"id {SECRET}"))
    assert SECRET not in line(sealed(outcome_record(outcome)))
    assert outcome.proposal is not None
    assert record["digest"] is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"diff": "--- a/x\n"}, "digest"),
        ({"repository": "elsewhere"}, "digest"),
        ({"more": None}, "digest"),
        ({"digest": None}, "digest"),
        ({"digest": 1}, "digest"),
        ({"signature": None}, "signature"),
        ({"signature": "hmac-sha256:" + "0" * 64}, "signature"),
        ({"signature": ["\u00e4"]}, "signature"),
        ({"signature": "\u00e4"}, "signature"),
    ],
)
def test_a_record_that_is_not_as_it_was_written_is_refused(
    record: Mapping[str, object], changes: Mapping[str, object], said: str
) -> None:
    (found,) = read({**sealed(record, KEY), **changes}, key=KEY)
    assert isinstance(found, InvalidFinding)
    assert found.field == f"line 1: {said}"
    assert found.id == "f-1"


def test_a_signature_is_only_asked_for_where_there_is_a_key(record: Mapping[str, object]) -> None:
    assert isinstance(read(sealed(record))[0], Proposed)
    assert isinstance(read(sealed(record), key=KEY)[0], InvalidFinding)
    assert isinstance(read(sealed(record, b"x" * 32), key=KEY)[0], InvalidFinding)


@pytest.mark.parametrize(
    "changes",
    [
        {"finding": None},
        {"finding": []},
        {"finding": {"source": "x", "id": "y", "resource": {"tags": [["a"]]}}},
        {"diff": 7},
        {"diff": "x" * (1024 * 1024 + 1)},
        {"generator": ""},
        {"risk": "none"},
        {"assumptions": [1]},
        {"assumptions": None},
        {"path": {}},
    ],
)
def test_a_record_of_the_wrong_shape_is_refused_alone(
    record: Mapping[str, object], changes: Mapping[str, object]
) -> None:
    bad, good = read(sealed({**record, **changes}), sealed(record))
    assert isinstance(bad, InvalidFinding)
    assert isinstance(good, Proposed)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"[]",
        b"{",
        b'{"status": "proposed", "status": "unsupported"}',
        b'{"status": NaN}',
        b'{"status": "\\ud800"}',
        b"[" * 100_000,
        b'{"a": ' * 50_000,
        b"1" * 10_000,
        b"{}\n" * 20_001,
    ],
)
def test_what_is_no_proposals_file_is_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError, match="proposals file"):
        read_proposals(data)


@given(
    values=st.dictionaries(
        st.sampled_from(["status", "finding", "diff", "digest", "generator", "path"]),
        st.none() | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.just("proposed"),
    )
)
def test_any_record_is_read_or_refused(values: dict[str, object]) -> None:
    for each in read({"status": "proposed", **values}, sealed({**values, "status": "proposed"})):
        assert isinstance(each, Proposed | InvalidFinding)


def test_a_key_that_could_be_guessed_is_refused() -> None:
    assert checked_key(" ") == b""
    assert checked_key("k" * 32 + "\n") == KEY
    with pytest.raises(ConfigurationError, match="32 bytes") as caught:
        checked_key("hunter2")
    assert "hunter2" not in str(caught.value)
