from typing import TYPE_CHECKING, Final

from iacfix.ports import CloudReadError, StateBucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from iacfix.adapters.aws.role import Role
    from iacfix.adapters.aws.session import Clients

MAX_BYTES: Final = 128 * 1024 * 1024
"""As much as the reader of states takes."""

_MISSING: Final = {
    "NoSuchBucket": ("there is no bucket for the", "check the bucket's name, and whose account the credentials are of"),
    "NoSuchKey": ("there is no", "check the key and the workspace: `terraform workspace list` shows which there are"),
    "404": ("there is no", "check the bucket, the key and the workspace"),
    "InvalidObjectState": ("an archive holds the", "restore the object from its archive first"),
}
_PERMISSIONS: Final = ("s3:GetObject", "s3:ListBucket (without it a missing key looks denied too)", "kms:Decrypt")


class S3StateReader:
    """States of Terraform in S3. Timeouts are in seconds; `max_attempts` counts the first call too.

    Credentials come from boto3's usual places, and a role that the backend names is taken on with them.
    """

    def __init__(
        self, *, connect_timeout: float, read_timeout: float, max_attempts: int, max_bytes: int = MAX_BYTES
    ) -> None:
        self._timeouts = (connect_timeout, read_timeout)
        self._max_attempts = max_attempts
        self._max_bytes = max_bytes
        self._clients: Clients | None = None
        self._known: dict[tuple[str, Role | None], S3Client] = {}

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    def read(self, backend: StateBucket, workspace: str) -> bytes:
        key = backend.key_of(workspace)
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        from iacfix.adapters.aws import session  # noqa: PLC0415 - as above

        name = f"state s3://{session.shown(backend.bucket)}/{session.shown(key)}"
        what = f"the {name}"
        client = self._client(backend)
        with session.telling(what, _PERMISSIONS):
            try:
                answer = client.get_object(Bucket=backend.bucket, Key=key)
            except ClientError as error:
                code = session.said(error)[0]
                if code in _MISSING:
                    happened, remedy = _MISSING[code]
                    raise CloudReadError(f"{happened} {name}", remedy=remedy) from None
                raise
            with answer["Body"] as body:
                self._check(answer["ContentLength"], what)
                data = body.read(self._max_bytes + 1)
            self._check(len(data), what)
        if len(data) != answer["ContentLength"]:
            raise CloudReadError(f"the connection to AWS ended within {what}", remedy="try again", again=True)
        return data

    def _check(self, size: int, what: str) -> None:
        if size > self._max_bytes:
            raise CloudReadError(
                f"{what} has {size:,} bytes or more, the limit is {self._max_bytes:,}", remedy="split the state"
            )

    def _client(self, backend: StateBucket) -> "S3Client":
        from iacfix.adapters.aws.role import Role  # noqa: PLC0415 - as above
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - as above

        if self._clients is None:
            connect, read = self._timeouts
            self._clients = Clients(connect_timeout=connect, read_timeout=read, max_attempts=self._max_attempts)
        role = Role(backend.role_arn, backend.external_id, backend.session_name) if backend.role_arn else None
        if (backend.region, role) not in self._known:
            self._known[backend.region, role] = self._clients.s3(backend.region, role)
        return self._known[backend.region, role]
