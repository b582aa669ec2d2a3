"""A batch over several repositories with a model: as many questions at once as are allowed, and the same outcomes."""

import re
import threading
from pathlib import Path

from tests.support.repositories import repository

from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Usage
from iacfix.generation.model.generator import ModelGenerator
from iacfix.generation.model.spending import BudgetedModel, Limits
from iacfix.locators.scopes import Scope
from iacfix.ports import ModelReply, ModelRequest, StopReason
from iacfix.workflows.batch import in_order
from iacfix.workflows.desk import Desk, WaitingModel
from iacfix.workflows.fix import Fixer, Generator
from iacfix.workflows.repositories import Fixers, Workplace, Workplaces

CATALOGUE = load_catalogue()
TEAMS = ("pay", "shop", "mail")
QUEUE = 'resource "aws_sqs_queue" "q{0}" {{\n  name = "{1}-{0}"\n}}\n'
TARGET = re.compile(r'(?m)^resource "aws_sqs_queue" "(q\d)" \{\n(  name .*)$')


class Author:
    """Gets its first answer to each finding wrong. So many questions of it have to be there before one is answered."""

    id = "m"

    def __init__(self, together: int) -> None:
        self.together = threading.Barrier(together)

    def ask(self, request: ModelRequest) -> ModelReply:
        self.together.wait(20)
        found = TARGET.search(request.turns[0])
        assert found is not None
        wanted = "sqs_managed_sse_enabled" if len(request.turns) > 1 else "fifo_queue"
        context = f' resource "aws_sqs_queue" "{found[1]}" {{\n {found[2]}\n'
        text = f"```diff\n--- a/main.tf\n+++ b/main.tf\n@@ -1,2 +1,3 @@\n{context}+  {wanted} = true\n```\n"
        return ModelReply(text, StopReason.END, Usage(100, 10))


def outcomes(folder: Path, jobs: int) -> list[Outcome]:
    desk = Desk()
    author = ModelGenerator(WaitingModel(BudgetedModel(Author(jobs), Limits()), desk), max_tokens=1000)
    opened: dict[str, Workplace] = {}

    def by_name(name: str) -> Workplace:
        text = "\n".join(QUEUE.format(number, name) for number in range(3))
        return opened.setdefault(name, Workplace(name, repository(folder / name, {"main.tf": text})))

    places = Workplaces([Scope(team, tags={"team": team}) for team in TEAMS], by_name)
    fixers = Fixers(CATALOGUE, places, lambda place: Fixer(CATALOGUE, place.repository, Generator.MODEL, author), desk)

    def work(finding: Finding) -> Outcome:
        with desk:
            return fixers.fix(finding)

    found = [queue(team, number) for number in range(3) for team in TEAMS]
    return list(in_order(found, work, fixers.lane, jobs, lambda: None))


def queue(team: str, number: int) -> Finding:
    arn = f"arn:aws:sqs:eu-west-1:111111111111:{team}-{number}"
    resource = CloudResource("AwsSqsQueue", arn, tags=(("team", team),))
    return Finding("security_hub", f"{team}-{number}", "SQS.1", "SQS queues should be encrypted", resource)


def test_three_repositories_at_once_give_what_one_after_the_other_gives(tmp_path: Path) -> None:
    alone, together = outcomes(tmp_path / "one", 1), outcomes(tmp_path / "three", 3)
    assert [outcome.status for outcome in alone] == [Status.PROPOSED] * 9, alone[0].reason
    assert {outcome.attempts for outcome in alone} == {2}
    assert [(each.repository, each.location and each.location.address) for each in alone] == [
        (team, f"aws_sqs_queue.q{number}") for number in range(3) for team in TEAMS
    ]
    assert together == alone
    last = together[-1].proposal
    assert last is not None
    assert last.verdict.edits[0].before.count(b"sqs_managed_sse_enabled") == 2, "each builds on those before it"
