"""The smallest deluge: a worker that is killed, a duplicate for every fifth event, malformed and dead letters."""

import random
from pathlib import Path

import pytest
from benchmarks.deluge import counted, deploy, estate, mend, work, written, wrong
from click.testing import CliRunner

from iacfix.entry.cli.main import cli


@pytest.mark.long
def test_every_finding_has_one_state_and_one_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)  # noqa: S311 - an order of events, not a secret
    with estate(tmp_path) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        queues, buckets = deploy(made, 3, repositories=1)
        sent = written(buckets, 30, chance)
        assert (len(sent.fixable), len(sent.poison)) == (3, 1)
        assert work(made, queues, sent.bodies, 1, 1, chance, 4.0, hold=3) == 1
        assert wrong(counted(made, queues, sent)) == {}

        def run(*arguments: str) -> None:
            done = CliRunner().invoke(cli, [*arguments, *made.options], catch_exceptions=False)
            assert done.exit_code == 0, done.output

        mend(made, sent)
        run("dlq", "replay", "--queue", queues.dead, "--rate", "1000")
        run("work", "--queue", queues.work, "--once", "--wait", "0")
        assert wrong(counted(made, queues, sent)) == {}
