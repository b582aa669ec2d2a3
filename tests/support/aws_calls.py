"""Which calls of AWS code makes: every client of boto3 is listened to."""

from collections.abc import Iterator
from contextlib import contextmanager

import botocore.client
import pytest


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
