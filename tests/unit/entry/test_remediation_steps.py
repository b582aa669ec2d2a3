import pytest

from iacfix.domain.errors import InputError
from iacfix.domain.triage import Mode
from iacfix.entry.remediation_steps import request_of, step_of
from iacfix.runtime.guards import Owned

RESOURCE = {"identifier": "arn:aws:s3:::b", "account": "123456789012", "tags": [["k", "v"]]}
FINDING = {"source": "a", "id": "1", "check_id": "c", "title": "t", "resource": RESOURCE}


def test_a_request_is_read_and_what_it_does_not_say_allows_nothing() -> None:
    read = request_of({"finding": FINDING})
    assert read.finding.resource.tags == (("k", "v"),)
    assert (read.mode, read.source.owned) == (Mode.OBSERVE, Owned.UNKNOWN)
    assert request_of({"finding": FINDING, "mode": "supervised", "owned": "by_nobody"}).mode is Mode.SUPERVISED


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"finding": []},
        {"finding": {"resource": "b"}},
        {"finding": {**FINDING, "id": 1}},
        {"finding": {**FINDING, "severity": "very"}},
        {"finding": {**FINDING, "resource": {"tags": "k=v"}}},
        {"finding": {**FINDING, "resource": {"tags": [["k"]]}}},
        {"finding": FINDING, "mode": "reckless"},
        {"finding": FINDING, "owned": "by me"},
    ],
)
def test_what_is_no_request_is_told(told: object) -> None:
    with pytest.raises(InputError):
        request_of(told)


@pytest.mark.parametrize(
    ("event", "step"), [({}, ""), ({"iacfix": "x"}, ""), ({"iacfix": {"remediation": "ask"}}, "ask")]
)
def test_the_step_is_read(event: dict[str, object], step: str) -> None:
    assert step_of(event) == step
