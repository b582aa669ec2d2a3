"""The audit record in a bucket of S3 with Object Lock: what is in it stays, whoever wants it gone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from iacfix.adapters.aws.tables import telling_of
from iacfix.domain.errors import ConfigurationError, LedgerError
from iacfix.ports import CloudReadError
from iacfix.ports.archive import Kept

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONNECT_TIMEOUT: Final = 5.0  # seconds, both
_READ_TIMEOUT: Final = 60.0
_MAX_ATTEMPTS: Final = 5
MAX_BYTES: Final = 64 * 1024 * 1024
"""Of one segment: more than iacfix writes."""

_PERMISSIONS = (
    "s3:GetBucketObjectLockConfiguration",
    "s3:ListBucketVersions",
    "s3:GetObject",
    "s3:PutObject",
    "s3:PutObjectRetention",
)
_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_UNLOCKED = frozenset({"ObjectLockConfigurationNotFoundError", "ObjectLockConfigurationNotFound"})


class Lock(StrEnum):
    """`GOVERNANCE`: who has a permission of its own may lift it. `COMPLIANCE`: nobody may, not the account's root."""

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


class AuditBucket:
    """Implements ports.archive.Archive under a prefix of a bucket."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str, lock: Lock = Lock.GOVERNANCE) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._lock = lock
        self._is_locked = False

    @property
    def name(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}"

    def kept(self) -> Sequence[Kept]:
        versions: dict[str, int] = {}
        gone: set[str] = set()
        with self._telling():
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            for page in pages:
                for version in page.get("Versions", []):
                    versions[version["Key"]] = versions.get(version["Key"], 0) + 1
                gone |= {marker["Key"] for marker in page.get("DeleteMarkers", [])}
        return tuple(self._found(versions, gone))

    def read(self, name: str) -> bytes:
        with self._telling(), self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"] as body:
            data = body.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise LedgerError(f"{self.name}{name} is larger than {MAX_BYTES} bytes", remedy="iacfix did not write it")
        return data

    def write(self, name: str, data: bytes, until: datetime, about: Mapping[str, str]) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        self._require_lock()
        with self._telling():
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._prefix + name,
                    Body=data,
                    ContentType="application/x-ndjson",
                    Metadata=dict(about),
                    ChecksumAlgorithm="SHA256",
                    IfNoneMatch="*",
                    ObjectLockMode="COMPLIANCE" if self._lock is Lock.COMPLIANCE else "GOVERNANCE",
                    ObjectLockRetainUntilDate=until,
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in _TAKEN:
                    return False
                raise
        return True

    def _require_lock(self) -> None:
        """Raises LedgerError for a bucket that would let what is in it be changed."""
        if self._is_locked:
            return
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

        status: str = ""
        with self._telling():
            try:
                answer = self._client.get_object_lock_configuration(Bucket=self._bucket)
                status = answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled", "")
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _UNLOCKED:
                    raise
        if status != "Enabled":
            what = f"the bucket {self._bucket} has no Object Lock, so that what is in it can be changed"
            raise LedgerError(what, remedy="make a bucket with Object Lock, and export to that")
        self._is_locked = True

    def _found(self, versions: Mapping[str, int], gone: set[str]) -> Iterator[Kept]:
        for key in sorted({*versions, *gone}):
            yield Kept(key.removeprefix(self._prefix), versions.get(key, 0), key in gone)

    def _telling(self) -> AbstractContextManager[None]:
        return telling_of(f"the archive {self.name}", _PERMISSIONS, LedgerError)


def audit_bucket(address: str, lock: Lock = Lock.GOVERNANCE) -> AuditBucket:
    """`s3://bucket/prefix`. Raises ConfigurationError for what is no such address, or where no client can be made."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ConfigurationError(f"{address[:200]!r} is no place in S3", remedy="write s3://bucket/prefix")
    from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - as above

    clients = Clients(connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT, max_attempts=_MAX_ATTEMPTS)
    try:
        return AuditBucket(clients.s3("", None), found[1], found[2] or "", lock)
    except CloudReadError as error:
        raise ConfigurationError(error.what, remedy=error.remedy) from None
