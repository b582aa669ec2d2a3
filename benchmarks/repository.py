"""A Terraform repository of any size, the same every time, and what its resources are called in the cloud.

An area has two modules and five stacks; a stack has its settings, its variable values and services of four kinds.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as counted
from itertools import islice
from pathlib import Path

from benchmarks import texts

STACKS_IN_AN_AREA = 5
SERVICES_IN_A_STACK = 17
_HERE = "eu-west-1:111122223333"


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource as it exists: its ARN, and the block that makes it."""

    arn: str
    path: str
    address: str


@dataclass(frozen=True, slots=True)
class File:
    path: str
    text: str
    things: tuple[Thing, ...] = ()


def files(count: int) -> Iterator[File]:
    """`count` files in all."""
    return islice((file for area in counted() for file in _area(area)), count)


def things(count: int) -> tuple[Thing, ...]:
    """What the first `count` files make and an ARN names; without what a module makes whose files are not there."""
    made = list(files(count))
    written = {file.path for file in made}
    return tuple(thing for file in made for thing in file.things if thing.path in written)


def write(folder: Path, count: int) -> tuple[Path, ...]:
    """The files as a git repository of one commit."""
    made = []
    for file in files(count):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text)
        made.append(path)
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "All of it")):
        _git(folder, *command)
    return tuple(made)


def _git(folder: Path, *arguments: str) -> None:
    """Without the settings of whoever runs it, hooks and signatures among them."""
    author = {f"GIT_{who}_{what}": "benchmark" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(("git", *arguments), cwd=folder, check=True, env={**os.environ, **author, **quiet})


def _area(area: int) -> Iterator[File]:
    for number in range(area * STACKS_IN_AN_AREA, (area + 1) * STACKS_IN_AN_AREA):
        yield from _stack(area, number)
        if number % STACKS_IN_AN_AREA == 0:
            for name, text in texts.MODULES.items():
                yield File(f"area{area}/modules/{name}", text)


def _stack(area: int, stack: int) -> Iterator[File]:
    folder, team = f"area{area}/team{stack}", f"team{stack}"
    yield File(f"{folder}/settings.tf", _filled(texts.SETTINGS, team, stack))
    yield File(f"{folder}/terraform.tfvars", _filled(texts.VALUES, team, stack))
    for number in range(stack * SERVICES_IN_A_STACK, (stack + 1) * SERVICES_IN_A_STACK):
        kind = ("storage", "worker", "web", "archive")[number % 4]
        path = f"{folder}/{kind}{number}.tf"
        found = tuple(
            Thing(arn, f"area{area}/modules/{file}" if file else path, address)
            for arn, file, address in _made(kind, team, number)
        )
        yield File(path, _filled(texts.SERVICES[kind], team, number), found)


def _filled(text: str, team: str, number: int) -> str:
    return text.replace("TEAM", team).replace("NUMBER", str(number)).replace("SECONDS", str(30 + number % 90))


def _made(kind: str, team: str, number: int) -> tuple[tuple[str, str, str], ...]:
    """ARN, file of a module or "", address."""
    match kind:
        case "storage":
            return (
                (f"arn:aws:s3:::production-acme-{team}-data-{number}", "", f"aws_s3_bucket.data_{number}"),
                (f"arn:aws:dynamodb:{_HERE}:table/{team}-index-{number}", "", f"aws_dynamodb_table.index_{number}"),
            )
        case "worker":
            return (
                (f"arn:aws:sqs:{_HERE}:{team}-refunds-{number}", "", f"aws_sqs_queue.jobs_{number}"),
                (f"arn:aws:lambda:{_HERE}:function:{team}-worker-{number}", "", f"aws_lambda_function.work_{number}"),
                (f"arn:aws:iam::111122223333:role/{team}-worker-{number}", "", f"aws_iam_role.work_{number}"),
            )
        case "web":
            group = f"/acme/production/{team}-web-{number}"
            return (
                (f"arn:aws:logs:{_HERE}:log-group:{group}:*", "", f"aws_cloudwatch_log_group.web_{number}"),
                (f"arn:aws:sns:{_HERE}:acme-{team}-alerts-{number}", "", f"aws_sns_topic.alerts_{number}"),
            )
        case _:
            return (
                (f"arn:aws:s3:::acme-{team}-archive-{number}", "archive/main.tf", "aws_s3_bucket.this"),
                (f"arn:aws:sqs:{_HERE}:acme-{team}-archive-{number}-in", "intake/main.tf", "aws_sqs_queue.this"),
            )
