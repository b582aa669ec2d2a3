"""A run that is cut short at any request, whatever the host: run again, and there is one branch, one commit, one pull
request. All requests with all faults are in `python -m benchmarks.faults`; here are those that can leave a thing half done.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.conftest import HOSTS
from tests.contract.fault_table import DONE, cells, steps
from tests.contract.spoiling import SPOILERS, Spoiler, writes

pytestmark = pytest.mark.long


@pytest.fixture(scope="module", params=sorted(HOSTS))
def spoiler(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoiler]:
    """One for all: a server takes longer to start than to use."""
    name = str(request.param)
    with HOSTS[name](tmp_path_factory.mktemp("host")) as made:
        yield SPOILERS[name](made)


def test_every_host_can_be_spoiled() -> None:
    assert SPOILERS.keys() == HOSTS.keys()


@pytest.mark.parametrize("changing", [False, True], ids=["opening", "changing"])
def test_run_again_after_a_fault(spoiler: Spoiler, monkeypatch: pytest.MonkeyPatch, *, changing: bool) -> None:
    for name, value in spoiler.host.environment.items():
        monkeypatch.setenv(name, value)
    tried = {(each.step, each.name) for each in cells(spoiler, changing=changing, sample=True)}
    expected = [each for each in enumerate(steps(spoiler, changing=changing), start=1) if writes(each[1])]
    assert set(expected) <= tried


PAGE = Path(__file__).parents[2] / "docs" / "git-hosts.md"


def test_the_tables_of_the_documentation_have_the_faults_of_every_line() -> None:
    """What they say of a host is from a whole run of the program; that each line was tried in every way is seen here."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if re.match(r"\| \d+\. ", line)]
    assert rows
    for name, *cells_ in rows:
        assert {each.strip() for each in cells_} <= {"", DONE, "opened", "updated", "kept"}, name
        assert not writes(name.partition(". ")[2]) or all(each.strip() for each in cells_), name
