"""What every StateReader answers, over the real wire protocol."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.contract.aws import REGION, Answer, Start, client

from iacfix.adapters.aws.state_bucket import MAX_BYTES, S3StateReader
from iacfix.domain.errors import InputError
from iacfix.iac.terraform import state
from iacfix.iac.terraform.backend import S3Backend
from iacfix.ports import CloudReadError, StateReader

STATE = b'{"version": 4, "serial": 1, "resources": []}'
BACKEND = S3Backend("acme-states", "shop/terraform.tfstate", REGION)


def reader(*, max_bytes: int = MAX_BYTES, read_timeout: float = 10, max_attempts: int = 1) -> StateReader:
    return S3StateReader(connect_timeout=5, read_timeout=read_timeout, max_attempts=max_attempts, max_bytes=max_bytes)


def put(key: str = BACKEND.key, data: bytes = STATE) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=BACKEND.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BACKEND.bucket, Key=key, Body=data)


def refusal(backend: S3Backend = BACKEND, *, again: bool = False, **how: float) -> str:
    with pytest.raises(CloudReadError) as error:
        reader(**how).read(backend, "default")  # type: ignore[arg-type] # each takes a number
    assert error.value.remedy
    assert error.value.again is again
    assert error.value.__cause__ is None
    assert "testing-secret" not in str(error.value)
    return str(error.value)


def test_the_state_comes_as_it_was_written(aws: str) -> None:
    assert aws
    put()
    assert reader().read(BACKEND, "default") == STATE


def test_a_workspace_has_its_own_state(aws: str) -> None:
    assert aws
    put("env:/prod/shop/terraform.tfstate", b"prod")
    assert reader().read(BACKEND, "prod") == b"prod"
    with pytest.raises(InputError):
        reader().read(BACKEND, "../prod")


def test_one_reader_reads_many(aws: str) -> None:
    assert aws
    put()
    one = reader()
    assert [one.read(BACKEND, "default"), one.read(replace(BACKEND, region=""), "default")] == [STATE, STATE]


def test_no_bucket_no_key(aws: str) -> None:
    assert aws
    assert "there is no bucket for the state s3://acme-states/shop/terraform.tfstate" in refusal()
    put()
    assert "there is no state s3://acme-states/gone" in refusal(replace(BACKEND, key="gone"))


def test_a_state_that_is_too_large_is_not_fetched(aws: str) -> None:
    assert aws
    put(data=b"x" * 11)
    assert reader(max_bytes=11).read(BACKEND, "default") == b"x" * 11
    assert "the limit is 10" in refusal(max_bytes=10)
    assert reader().max_bytes == state.MAX_BYTES


def test_an_empty_state_is_empty(aws: str) -> None:
    assert aws
    put(data=b"")
    assert reader().read(BACKEND, "default") == b""


ASSUMED = (
    b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIATAKEN</AccessKeyId>"
    b"<SecretAccessKey>testing-secret-2</SecretAccessKey><SessionToken>t</SessionToken>"
    b"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


@pytest.mark.parametrize(("external_id", "told"), [("", False), ("partner", True)])
def test_a_role_is_taken_on_once(answering: Start, external_id: str, *, told: bool) -> None:
    script = answering(Answer(200, ASSUMED), Answer(200, STATE))
    backend = replace(BACKEND, role_arn="arn:aws:iam::123456789012:role/states", external_id=external_id)
    one = reader()
    assert [one.read(backend, "default"), one.read(backend, "default")] == [STATE, STATE]
    assume, *reads = script.requests
    assert "Action=AssumeRole" in assume
    assert ("ExternalId=partner" in assume) is told
    assert "Credential=testing/" in assume
    assert len(reads) == 2
    assert all("Credential=ASIATAKEN/" in each for each in reads)


def test_who_may_not_read_is_told_what_to_allow(
    aws: str, strict: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aws
    put()
    client("iam").create_user(UserName="ann")
    keys = client("iam").create_access_key(UserName="ann")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    strict()
    denied = refusal()
    assert "denies access to the state s3://acme-states/" in denied
    assert "s3:GetObject" in denied
    assert keys["SecretAccessKey"] not in denied


def test_a_role_that_may_not_be_taken_on(aws: str, strict: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws
    client("iam").create_user(UserName="ann")
    keys = client("iam").create_access_key(UserName="ann")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    strict()
    denied = refusal(replace(BACKEND, role_arn="arn:aws:iam::123456789012:role/states"))
    assert "the role arn:aws:iam::123456789012:role/states" in denied
    assert "sts:AssumeRole" in denied


def test_credentials_that_aws_does_not_know(aws: str, strict: Callable[[], None]) -> None:
    assert aws
    put()
    strict()
    assert "does not take the credentials" in refusal()


def test_no_credentials(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "no usable AWS credentials" in refusal()
    assert "no usable AWS credentials" in refusal(replace(BACKEND, role_arn="arn:aws:iam::123456789012:role/r"))


def test_a_name_that_is_no_buckets(aws: str) -> None:
    assert aws
    assert "boto3 cannot ask" in refusal(replace(BACKEND, bucket="a/b"))


def failure(status: int, code: str, message: str = "m") -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


@pytest.mark.parametrize("code", ["SlowDown", "ServiceUnavailable", "InternalError", "BrandNew"])
def test_what_waiting_may_mend(answering: Start, code: str) -> None:
    answering(failure(503, code))
    assert code in refusal(again=True)


def test_a_throttled_read_is_tried_again(answering: Start) -> None:
    script = answering(failure(503, "SlowDown"), Answer(200, STATE))
    assert reader(max_attempts=2).read(BACKEND, "default") == STATE
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (failure(403, "InvalidObjectState"), "archive"),
        (failure(400, "ExpiredToken", "token FwoGZXIvYXdzEAAaDSecret"), "does not take the credentials"),
        (failure(403, "SignatureDoesNotMatch", "testing-secret"), "does not take the credentials"),
        (failure(403, "AccessDenied", "User x is not\nauthorized AKIAIOSFODNN7EXAMPLE"), "not authorized [redacted]"),
        (failure(418, "Teapot", "testing-secret"), "answered Teapot"),
        (failure(404, "NoSuchKey"), "there is no state"),
        (Answer(200, b"x", promised=20_000_000_000), "the limit is"),
    ],
)
def test_what_waiting_does_not_mend(answering: Start, answer: Answer, said: str) -> None:
    answering(answer)
    told = refusal()
    assert said in told
    assert "AAaDSecret" not in told


@pytest.mark.parametrize("answer", [Answer(200, STATE, promised=10_000), Answer(200, promised=-1)])
def test_a_line_that_breaks(answering: Start, answer: Answer) -> None:
    answering(answer)
    assert "connection to AWS" in refusal(again=True)


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert "EndpointConnectionError" in refusal(again=True)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "no address")
    assert "the state" in refusal() or "S3" in refusal()


def test_boto3_is_not_loaded_before_a_read() -> None:
    code = "import sys, iacfix.adapters.aws.state_bucket, iacfix.adapters.aws.stacks; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
