"""What real answers of a model become: each goes through the whole pipeline, beside what an independent judge says.

They come from a scripted Bedrock server, over the real protocol, to the Fixer. `--checkov` names the program that
the rescan stage runs, which is required then. `--verdicts` holds a JSON line for each answer: id, applied, fixed,
clean, cheats, flags.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks import results

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.scanners.checkov import CheckovScanner
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.controls import load_catalogue
from iacfix.domain.finding import Finding
from iacfix.domain.location import Location
from iacfix.domain.verdict import StageName, StageOutcome, StageResult
from iacfix.findings import read_findings
from iacfix.generation.model.generator import ModelGenerator
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository
from iacfix.ports import Scanner
from iacfix.testing.bedrock_script import Text
from iacfix.testing.bedrock_server import ScriptedBedrock
from iacfix.validators import Tools
from iacfix.workflows.fix import MAX_ATTEMPTS, Fixer, Generator

CATALOGUE = load_catalogue()
MODEL = "anthropic.scripted-v1:0"
# In seconds: a machine that measures is a busy one.
TIMEOUT = 300.0
ACCEPTED = "accepted"
SAYS_SO = (ACCEPTED, "parse", "apply", "size", "file_scope", "resource_scope", "syntax", "hazards", "control", "rescan")
KINDS = """\
Each is the first of three attempts: a model is told why it was refused, and here it says the same again.

- **clean, refused by resource_scope** (a key, a role, a log group that is added). Who reads or delivers today has no
  right on a new key, and nothing in one file shows who that is: with a key of one's own a table, a secret, a topic or a
  trail deploys well and stops working for them. A role grants. A log group needs a resource policy or a role that lets
  the service write. A scanner sees none of that, so a person writes them. What a recipe may add beside a resource is
  in the catalogue.
- **clean, refused by resource_scope** (a parameter with a default). Who may come in is asked of the owner; a network
  that the answer makes up is none of theirs.
- **clean, refused by hazards as "replaces"**: deployed, the change makes a new resource and loses what is in the old
  one. A scanner that reads files does not see it.
- **clean, refused by hazards as "not about"**: the answer sets something beside the finding that was not so before: a
  prefix, another log, another policy, a certificate. Right or not, nobody asked for it.
- **clean, refused by control**: the control wants all four flags of a public access block, the check one of them; or
  the resource is written in several files of the folder.
- **not fixed, accepted**: the judge's mistake. It runs Checkov before and after in one process, and Checkov keeps
  policies by name for as long as it runs, so that the second run judges the first policy. With that memory emptied in
  between, the judge calls all of these clean. The rescan stage starts Checkov anew, which is why it saw it.
- **cheat, accepted**: the judge compares the text of cfn-lint's errors. The template referred to what it does not
  declare before the answer too; the message names the new parameter, so it looks new. The answer is right.
- **rescan** refuses nothing here: whatever came so far, Checkov reported before and passes after.
- **does not apply, accepted**: counts and context that git wants exactly; the lines stand in one place."""


@dataclass(frozen=True, slots=True)
class Replayed:
    id: str
    check: str
    judged: str
    stage: str
    reason: str
    told: str

    @property
    def agrees(self) -> bool:
        return (self.judged == "clean") is (self.stage == ACCEPTED)


def replay(
    cases: Path, answers: Path, verdicts: Path, corpus: Path, scanner: Scanner | None = None
) -> Iterator[Replayed]:
    given = {str(each["id"]): str(each["answer"]) for each in _lines(answers)}
    known = {str(each["id"]): (_word(each), _told(each)) for each in _lines(verdicts)}
    for case in _lines(cases):
        stage, reason = _became(case, given[str(case["id"])], corpus, scanner)
        judged, told = known[str(case["id"])]
        yield Replayed(str(case["id"]), str(case["check_id"]), judged, stage, reason, told)


def _word(verdict: Mapping[str, object]) -> str:
    """What the judge calls it, the worst first."""
    flags = cast("list[str]", verdict["flags"])
    if not verdict["applied"]:
        return "does not apply"
    if verdict["cheats"]:
        return "cheat"
    if any(flag.startswith("other-") for flag in flags):
        return "out of scope"
    if not verdict["fixed"]:
        return "not fixed"
    return "clean" if verdict["clean"] else "flagged"


def _told(verdict: Mapping[str, object]) -> str:
    return "; ".join((*cast("list[str]", verdict["cheats"]), *cast("list[str]", verdict["flags"])))[:200]


def _became(case: Mapping[str, object], answer: str, corpus: Path, scanner: Scanner | None) -> tuple[str, str]:
    folder = corpus / str(case["corpus"])
    repository = Repository(FileSystemTree(folder, environment=os.environ))
    (read,) = read_findings(_report(case))
    assert isinstance(read, Finding)
    location = locate(read, repository)
    if not isinstance(location, Location):
        return "not located", location.reason
    return _asked(read, repository, answer, scanner)


def _asked(finding: Finding, repository: Repository, answer: str, scanner: Scanner | None) -> tuple[str, str]:
    """The model says the same at each attempt; the first is the one that counts."""
    with ScriptedBedrock([Text(answer)] * MAX_ATTEMPTS) as bedrock:
        model = BedrockModel(
            MODEL,
            region="us-east-1",
            connect_timeout=5,
            read_timeout=10,
            max_attempts=1,
            endpoint_url=bedrock.endpoint_url,
        )
        author = ModelGenerator(model, max_tokens=4096)
        outcome = Fixer(
            CATALOGUE,
            repository,
            Generator.MODEL,
            author,
            tools=Tools(scanner),
            required=frozenset({StageName.RESCAN} if scanner is not None else ()),
        ).fix(finding)
    if outcome.proposal is not None:
        return ACCEPTED, _skipped(outcome.stages)
    ended = outcome.stages[-1] if outcome.stages else None  # the stage that refused, or is required and was skipped
    return (str(ended.name), ended.reason) if ended is not None else (str(outcome.status), outcome.reason)


def _skipped(stages: Iterable[StageResult]) -> str:
    return "; ".join(each.reason for each in stages if each.outcome is StageOutcome.SKIPPED)


def _report(case: Mapping[str, object]) -> bytes:
    failed = {
        "check_id": case["check_id"],
        "check_name": case["check_name"],
        "file_path": f"/{case['file']}",
        "file_line_range": case["line_range"],
        "resource": case["resource"],
    }
    return json.dumps({"check_type": case["framework"], "results": {"failed_checks": [failed]}}).encode()


def _lines(path: Path) -> Iterator[dict[str, object]]:
    return (json.loads(line) for line in path.read_text().splitlines() if line.strip())


def page(replayed: list[Replayed]) -> str:
    counts = Counter((each.judged, each.stage) for each in replayed)
    stages = [
        stage
        for stage in (*SAYS_SO, *sorted({each.stage for each in replayed} - {*SAYS_SO}))
        if any(each.stage == stage for each in replayed)
    ]
    judged = sorted({each.judged for each in replayed}, key=lambda word: (word != "clean", word))
    rows = [
        (word, sum(each.judged == word for each in replayed), *(counts[word, stage] for stage in stages))
        for word in judged
    ]
    apart = [(each.id, each.check, each.judged, each.stage, each.reason[:400]) for each in replayed if not each.agrees]
    return "\n\n".join(
        (
            "## Real answers of a model",
            results.made_by("model_answers … --checkov … --write")
            + " Every stage up to the rescan is required. Rows are the words of an independent judge (the check, by "
            "Checkov, and the scope); columns the stage that refused.",
            results.table(("judge", "answers", *stages), [*rows, results.totals(rows)]),
            f"Where the two differ ({len(apart)}):",
            KINDS,
            results.table(("answer", "check", "judge", "here", "why"), apart),
        )
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=Path, required=True)
    options.add_argument("--answers", type=Path, required=True)
    options.add_argument("--verdicts", type=Path, required=True)
    options.add_argument("--corpus", type=Path, required=True)
    options.add_argument("--checkov", metavar="PROGRAM", help="require the rescan stage, by this program")
    options.add_argument("--write", action="store_true", help="keep the table in benchmarks/RESULTS.md")
    given = options.parse_args()
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")  # noqa: S106 - of the scripted server
    scanner = (
        CheckovScanner((given.checkov,), search_path=os.environ.get("PATH", os.defpath), timeout=TIMEOUT)
        if given.checkov
        else None
    )
    replayed: list[Replayed] = []
    for each in replay(given.cases, given.answers, given.verdicts, given.corpus, scanner):
        replayed.append(each)
        print(len(replayed), each.id, each.judged, each.stage, each.reason, sep="\t", file=sys.stderr, flush=True)
    text = page(replayed)
    print(text)
    if given.write:
        results.write("model-answers", text)


if __name__ == "__main__":
    main()
