"""Which calls of AWS code makes, and which the roles that are written for it allow."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import botocore.client
import pytest
from click.testing import CliRunner

from iacfix.entry.cli.main import cli


@contextmanager
def calls_made() -> Iterator[set[tuple[str, str]]]:
    """Services and operations, by the names of botocore; filled while it is open."""
    made: set[tuple[str, str]] = set()
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined] # the one way of every call

    def noted(self: botocore.client.BaseClient, operation: str, parameters: object) -> object:
        made.add((self.meta.service_model.service_name, operation))
        return call(self, operation, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", noted)
        yield made


def allowed(kind: str, controls: Iterable[str], role: str = "") -> set[str]:
    """The actions of the roles that `iacfix roles generate` writes, or of the one whose name has `role` in it."""
    arguments = ["--kind", kind, "--controls", ",".join(sorted(controls)), "--format", "json"]
    done = CliRunner().invoke(cli, ["roles", "generate", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    roles = json.loads(done.stdout)
    statements = [
        statement
        for name, each in roles.items()
        if role in name
        for policy in each["policies"]
        for statement in policy["Statement"]
    ]
    assert statements
    named = [[action] if isinstance(action := each["Action"], str) else action for each in statements]
    return {action for each in named for action in each}
