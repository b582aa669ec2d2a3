from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.workflows.live import ACCOUNT, FOUND, REGION, ROLE, Live

from iacfix.controls import Catalogue
from iacfix.domain.ledger import State
from iacfix.domain.triage import Mode
from iacfix.ports.posture import At
from iacfix.runtime.guards import Owned, Source
from iacfix.workflows.machine import Machine, Request

REQUEST = Request(FOUND, Source(Owned.BY_NOBODY, ""), Mode.SUPERVISED)
ALONE = Request(FOUND, Source(Owned.BY_NOBODY, ""), Mode.AUTONOMOUS)


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return Live(tmp_path)


def approved(live: Live) -> None:
    (waiting,) = live.approving.waiting()
    live.approving.answer(waiting.id, by="bob", approve=True)


def test_a_resource_of_another_region_is_not_looked_for_in_this_one(live: Live) -> None:
    """A database has its name in each region: it would be another one that is changed."""
    live.region = "us-east-1"
    said = Machine(live.remediator, ROLE).ask(ALONE)
    assert (said["way"], said["state"]) == ("end", "human_review")
    assert "eu-west-1" in str(said["reason"])


def test_what_was_begun_elsewhere_is_not_started_here(live: Live) -> None:
    Machine(live.remediator, ROLE).begin(ALONE)
    live.region = "us-east-1"
    assert Machine(live.remediator, ROLE).begin(ALONE)["way"] == "end"


def test_another_change_than_was_approved_is_asked_for_anew(live: Live) -> None:
    assert Machine(live.remediator, ROLE).ask(REQUEST)["way"] == "approve"
    approved(live)
    live.role = ROLE.replace("remediation", "another")
    machine = Machine(live.remediator, ROLE)
    assert machine.begin(REQUEST) == {"way": "ask"}
    assert machine.ask(REQUEST)["way"] == "approve"
    approved(live)
    assert machine.begin(REQUEST)["way"] == "start"


def test_a_task_that_was_told_so_without_an_answer_in_the_ledger_begins_nothing(live: Live) -> None:
    machine = Machine(live.remediator, ROLE)
    machine.ask(REQUEST)
    assert machine.begin(REQUEST) == {"way": "ask"}


def test_a_question_carries_no_secret_of_a_tag(live: Live) -> None:
    key = "AKIA" + "QYLPMN5HHHFPZAM2"
    found = replace(FOUND, resource=replace(FOUND.resource, tags=(("deploy", key),)))
    said = Machine(live.remediator, ROLE).ask(replace(REQUEST, finding=found))
    assert said["way"] == "approve"
    assert key not in str(said)


def test_what_the_catalogue_knows_no_more_is_told_as_failed(live: Live) -> None:
    machine = Machine(live.remediator, ROLE)
    machine.begin(ALONE)
    later = Machine(replace(live.remediator, catalogue=Catalogue(())), ROLE)
    assert later.over(ALONE, "execution-1", "Success", "")["state"] == "remediation_failed"


def test_what_was_approved_waits_for_its_turn(live: Live) -> None:
    live.per_minute = 1
    remediator = live.remediator
    remediator.throttle.take(At(ACCOUNT, REGION))
    machine = Machine(remediator, ROLE)
    assert machine.begin(ALONE) == {"way": "later"}
    assert next(iter(live.moves.store.in_states({State.TRIAGED}))).resource == FOUND.resource.identifier
