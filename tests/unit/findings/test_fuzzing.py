"""The small form of `python -m benchmarks.fuzzing`."""

import json
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.held_reads import NOW, PROOF, check, check_identity, check_value
from tests.support.messages import events, of_every_format
from tests.support.mutations import mutated, wrapped, written

from iacfix.controls import Catalogue
from iacfix.findings.webhook import open_request

FIXTURES = Path(__file__).parents[3] / "fixtures"


@cache
def samples() -> tuple[object, ...]:
    folders = sorted(FIXTURES.glob("*/finding.json"))[::150]
    return (*of_every_format(), *events().values(), *(json.loads(path.read_text()) for path in folders))


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_message_breaks_a_reader_or_another_message(catalogue: Catalogue, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - chance, no secret
    value = mutated(random.choice(samples()), samples(), random)
    check_value(value)
    check_identity(check(written(wrapped(value, random), random)), catalogue)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_anything(data: bytes) -> None:
    check(data)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_no_request_breaks_the_door(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - chance, no secret
    request = {
        "version": "2.0",
        "headers": {"x-iacfix-signature": "sha256=0", "x-iacfix-timestamp": "1"},
        "multiValueHeaders": {"X": ["y"]},
        "requestContext": {"http": {"method": "POST"}, "requestId": "r"},
        "body": "e30=",
        "isBase64Encoded": True,
    }
    assert open_request(mutated(request, samples(), random), PROOF, NOW).status in {400, 401, 405, 413}
