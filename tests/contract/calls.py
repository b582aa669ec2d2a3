"""What is really called, told by botocore's own event of each call, just before it is sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import botocore.session
from click.testing import CliRunner

from iacfix.entry.cli.main import cli

_MAKE = botocore.session.Session.create_client


@dataclass
class Calls:
    """By service and operation, while it listens."""

    seen: set[tuple[str, str]] = field(default_factory=set)
    listens: bool = True

    def tell(self, model: Any, **_: Any) -> None:
        if self.listens:
            self.seen.add((model.service_model.service_name, model.name))


@contextmanager
def recorded(*, listens: bool = True) -> Iterator[Calls]:
    """Of every client that is made meanwhile."""
    calls = Calls(listens=listens)

    def make(self: botocore.session.Session, *arguments: Any, **named: Any) -> Any:
        client = _MAKE(self, *arguments, **named)
        client.meta.events.register("before-call.*.*", calls.tell)
        return client

    with patch.object(botocore.session.Session, "create_client", make):
        yield calls


def allowed(kind: str, controls: set[str], role: str = "") -> set[str]:
    """The actions of what `iacfix roles generate` writes; of one role of it, where that is named."""
    arguments = ["--kind", kind, "--controls", ",".join(sorted(controls)), "--format", "json"]
    done = CliRunner().invoke(cli, ["roles", "generate", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    text = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("#"))
    found: set[str] = set()
    for name, each in json.loads(text).items():
        if role in name:
            for statement in (one for policy in each["policies"] for one in policy["Statement"]):
                named = statement["Action"]
                found.update([named] if isinstance(named, str) else named)
    return found
