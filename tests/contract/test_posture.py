"""Every check against an account of moto: what is wrong is still open, what is right is resolved, what is not there is
gone. moto knows no requests but real ones: they go over HTTP, through the adapter, with botocore's own model.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from tests.contract.aws import REGION, post
from tests.contract.postures import accounts, buckets, databases, machines, networks, services
from tests.contract.postures.tools import ACCOUNT, Made, Posture, client, key, subnets

from iacfix.adapters.aws.posture import AwsPosture, Reading
from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.verification import Result, Verification
from iacfix.verification import every_operation
from iacfix.workflows.verify import Verifier

POSTURES = (
    *(buckets.POSTURES + networks.POSTURES + databases.POSTURES),
    *(accounts.POSTURES + machines.POSTURES + services.POSTURES),
)
ROWS = [(control, posture) for posture in POSTURES for control in posture.controls]


@pytest.fixture(scope="module")
def account(moto_url: str) -> Iterator[str]:
    """One for all rows: making what is looked at costs most of the time."""
    post(f"{moto_url}/moto-api/reset")
    yield moto_url
    for each in (client, key, subnets, made):
        each.cache_clear()


@pytest.fixture(autouse=True)
def _leads_there(account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("AWS_ENDPOINT_URL", account), ("AWS_REGION", REGION), ("AWS_DEFAULT_REGION", REGION)):
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    posture = AwsPosture(Reading(every_operation()))
    return Verifier(load_catalogue(), lambda _: posture, wait=0, pause=lambda _: None)


@cache
def made(posture: Posture) -> Made:
    return posture.make()


def look(verifier: Verifier, control: str, identifier: str) -> Verification:
    name, _, region = identifier.partition("@")
    resource = CloudResource("", name, account=ACCOUNT, region=region or ("" if name.startswith("arn:") else REGION))
    return verifier.verify(Finding("iacfix", "f", control, control, resource, control))


@pytest.mark.parametrize(("control", "posture"), ROWS, ids=[f"{each.make.__name__[1:]}-{name}" for name, each in ROWS])
def test_a_look_tells_wrong_from_right_from_gone(verifier: Verifier, control: str, posture: Posture) -> None:
    """Three looks at once: each costs a few requests, and making the resources costs most."""
    found = made(posture)
    for identifier, result in (
        (found.wrong, Result.STILL_OPEN),
        (found.right, Result.RESOLVED),
        (found.gone, Result.RESOURCE_GONE),
    ):
        if identifier:
            seen = look(verifier, control, identifier)
            assert seen.result == result, f"{identifier}: {seen.seen}"
            assert "hunter2" not in seen.evidence
