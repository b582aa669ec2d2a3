"""Ten processes with the same finding: one branch, one commit, one pull request, on every host."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contract.conftest import HOSTS, HostUnderTest, start
from tests.contract.publishing import BETTER, FILES, Fix, published, require_all_once
from tests.contract.ten_publishers import REACHES

from iacfix.domain.change_request import Action

pytestmark = pytest.mark.long


def at_once(host: HostUnderTest, name: str, fix: Fix, processes: int) -> list[str]:
    program = Path(__file__).with_name("ten_publishers.py")
    done = subprocess.run(
        [sys.executable, str(program)],
        input=pickle.dumps((processes, REACHES[name](host), fix)),
        capture_output=True,
        check=False,
        env={**os.environ, **host.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    answers = done.stdout.decode().splitlines()
    assert len(answers) == processes
    return answers


def test_of_ten_that_open_one_opens_and_none_is_in_the_way(host: HostUnderTest, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["host"]
    base, fix = start(host, FILES), Fix("data")
    answers = at_once(host, name, fix, 10)
    found = require_all_once(host, fix, base)
    told = f"{found.url} {found.head}"
    assert told in answers
    # Who comes too late is told so, and the next run finds it.
    assert all(each == told or "run it again" in each for each in answers), answers
    assert published(host, fix, Action.KEPT).url == found.url


# Comparing and swapping is the contract suite's on every host: here it is one that asks over HTTP, and one in files.
@pytest.mark.parametrize("host", ["github", "local"], indirect=True)
def test_of_three_that_change_it_one_does(host: HostUnderTest, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["host"]
    base, better = start(host, FILES), Fix("data", BETTER)
    first = published(host, Fix("data"), Action.OPENED)
    answers = at_once(host, name, better, 3)
    assert any(first.url in each for each in answers), answers
    published(host, better, Action.KEPT, Action.UPDATED)
    assert require_all_once(host, better, base).url == first.url


def test_every_host_can_be_reached_from_another_process() -> None:
    assert REACHES.keys() == HOSTS.keys()
