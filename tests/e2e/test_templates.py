"""The main job for a CloudFormation template, as a user runs it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.repositories import checkov

TEMPLATE = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: jobs\n"
FIXED = TEMPLATE + "      SqsManagedSseEnabled: true\n"
REPORT = checkov("CKV_AWS_27", "AWS::SQS::Queue.Jobs", "queues.yaml", (2, 5))
Run = Callable[..., subprocess.CompletedProcess[bytes]]
Git = Callable[..., str]


def committed(shop: Path, git: Git) -> None:
    (shop / "queues.yaml").write_text(TEMPLATE)
    git("add", "-A")
    git("commit", "-qm", "a template")


def test_a_change_of_a_template_is_written_into_the_work_tree(shop: Path, iacfix: Run, git: Git) -> None:
    committed(shop, git)
    done = iacfix("generate", "--findings", "-", "--repo", str(shop), "--apply", stdin=REPORT)
    assert done.returncode == 0, done.stderr
    assert (shop / "queues.yaml").read_text() == FIXED
    again = iacfix("generate", "--findings", "-", "--repo", str(shop), "--output", "json", stdin=REPORT)
    assert b'"already_fixed"' in again.stdout


def test_a_pull_request_holds_the_change_of_a_template(shop: Path, iacfix: Run, git: Git) -> None:
    committed(shop, git)
    done = iacfix("generate", "--findings", "-", "--repo", str(shop), "--open-pr", "--output", "json", stdin=REPORT)
    assert done.returncode == 0, done.stderr
    (branch,) = [name.strip() for name in git("branch", "--list", "iacfix/*").splitlines()]
    assert git("show", f"{branch}:queues.yaml") == FIXED
    assert (shop / "queues.yaml").read_text() == TEMPLATE
