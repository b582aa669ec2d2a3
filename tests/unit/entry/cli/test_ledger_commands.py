"""What the commands write to a ledger, and say of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from tests.unit.entry.cli.test_triage import ASSUMED, GENERATE, TRIAGE, configure, iacfix, lines, world
from tests.unit.ledger.test_audit import EVENT
from tests.unit.ledger.test_states import RECEIVED

from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.domain.audit import read
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.ledger import State
from iacfix.ledger.audit import appended
from iacfix.testing.bedrock_script import Reply, ToolUse
from iacfix.testing.bedrock_server import ScriptedBedrock

__all__ = ["iacfix", "world"]
Run = Callable[..., Result]


def test_what_was_held_and_is_fixed_later_is_one_entry_with_its_owner(world: Path, iacfix: Run) -> None:
    """Although the account was assumed, and held findings are not located."""
    assumed = {**ASSUMED, "account": "123456789012"}
    configure(world, assume=assumed, modes={"*": "observe"})
    assert lines(iacfix(*GENERATE, "--ledger", "ledger.db"))[0]["status"] == "not_eligible"
    store = SqliteLedger(world / "ledger.db")
    (watched,) = store.in_states(frozenset(State))
    assert (watched.state, watched.owner, watched.repository) == (State.OBSERVED, "platform", "repo")
    configure(world, assume=assumed)
    assert lines(iacfix(*GENERATE, "--ledger", "ledger.db"))[0]["status"] == "proposed"
    (fixed,) = store.in_states(frozenset(State))
    assert (fixed.key, fixed.state) == (watched.key, State.PROPOSED)
    triaged = [read(line).event for line in store.audit() if '"finding.triaged"' in line]
    assert [each.authorization.startswith("policy ") for each in triaged] == [True, True]
    assert "triage: owner platform; iac, observe" in triaged[0].reason


def test_the_configuration_names_the_ledger(world: Path, iacfix: Run) -> None:
    (world / "iacfix.yaml").write_text("ledger: kept/ledger.db\n")
    (world / "kept").mkdir()
    iacfix(*GENERATE)
    assert json.loads(iacfix("status", "--output", "json").stdout)["states"] == {"proposed": 1}
    assert iacfix("audit", "verify").stdout.startswith("main=")
    assert iacfix("status", "--ledger", "nowhere.db").exit_code != 0, "the option goes before it"
    (world / "iacfix.yaml").write_text("{}\n")
    assert iacfix("status").exit_code != 0


def test_the_status_tells_owners_failures_and_what_is_stuck(world: Path, iacfix: Run) -> None:
    store = SqliteLedger(world / "ledger.db")
    now = datetime.now(UTC)
    for number, (state, owner) in enumerate(
        [(State.FIXING, "platform"), (State.FIX_GENERATION_FAILED, ""), (State.FIXED, "platform")]
    ):
        at = (now - timedelta(hours=30)).isoformat(timespec="seconds")
        entry = replace(RECEIVED, key=f"{number:064x}", state=state, owner=owner, received_at=at, changed_at=at)
        store.write(appended(store.head("main"), EVENT), entry)
    told = json.loads(iacfix("status", "--ledger", "ledger.db", "--output", "json").stdout)
    assert told["owners"] == {"nobody": 1, "platform": 1}
    assert told["failure_rate"] == 0.5
    assert [each["state"] for each in told["stuck"]] == ["fixing"]
    shown = iacfix("status", "--ledger", "ledger.db").stdout
    assert "stuck (1)" in shown
    assert "50%" in shown
    later = iacfix("status", "--ledger", "ledger.db", "--stuck-after", "48", "--output", "json")
    assert json.loads(later.stdout)["stuck"] == []
    configure(world)
    left = iacfix("owners", "unassigned", "--ledger", "ledger.db", "--output", "json")
    (nobody,) = lines(left)
    assert left.exit_code == 1
    assert (nobody["findings"], nobody["new"], nobody["looked_after_by"]) == (1, 1, "governance")
    both = iacfix("owners", "unassigned", "--ledger", "ledger.db", "--findings", "report.json")
    assert "2 resources are nobody's; governance looks after what is nobody's" in both.stdout


@pytest.mark.parametrize(
    ("reply", "eligible", "said"),
    [
        (ToolUse({"verdict": "agree", "reason": "Nothing speaks against it."}, "review"), True, "agrees: Nothing"),
        (
            ToolUse({"verdict": "escalate", "reason": "It is a honeypot."}, "review"),
            False,
            "to look: It is a honeypot.",
        ),
    ],
)
def test_a_second_opinion_is_asked_for(
    world: Path, iacfix: Run, monkeypatch: pytest.MonkeyPatch, reply: Reply, *, eligible: bool, said: str
) -> None:
    """Over the real protocol."""
    configure(world, assume=ASSUMED, review={"model": "anthropic.claude-x", "timeout": 5})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with ScriptedBedrock([reply]) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.endpoint_url)
        (decision,) = lines(iacfix(*TRIAGE))
        assert len(bedrock.requests) == 1
    (reason,) = (each["reason"] for each in decision["reasons"] if each["rule"] == "review")  # type: ignore[attr-defined] # of our own record
    assert said in reason
    assert decision["eligible"] is eligible


def test_a_review_needs_a_model(world: Path, iacfix: Run) -> None:
    configure(world, assume=ASSUMED, review={})
    done = iacfix(*TRIAGE)
    assert isinstance(done.exception, ConfigurationError)
    assert "triage.review needs a model" in str(done.exception)
