"""A moto server in a process of its own, for an account of its own, and what findings take for granted in it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

ACCOUNT, REGION = "111122223333", "eu-west-1"
SECONDS_TO_START = 60
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "lambda.amazonaws.com"}}]}'
)


@contextmanager
def server() -> Iterator[str]:
    """Its endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT}, stdout=quiet, stderr=quiet)
    try:
        _wait_for(int(port), process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("moto does not answer")


@dataclass(frozen=True)
class Network:
    """The one that moto has from the start, and an image to start machines from."""

    vpc: str
    subnets: tuple[str, ...]
    security_group: str
    image: str


def network(endpoint: str) -> Network:
    ec2 = _client("ec2", endpoint)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = tuple(each["SubnetId"] for each in ec2.describe_subnets()["Subnets"])
    within = [{"Name": "vpc-id", "Values": [vpc]}]
    group = ec2.describe_security_groups(Filters=within)["SecurityGroups"][0]["GroupId"]
    return Network(vpc, subnets, group, ec2.describe_images()["Images"][0]["ImageId"])


def furnish(endpoint: str, roles: Iterable[str], buckets: Iterable[str]) -> None:
    """Makes what others own: code names it, and does not make it."""
    iam, s3 = _client("iam", endpoint), _client("s3", endpoint)
    for name in roles:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    for name in buckets:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def environment(endpoint: str) -> dict[str, str]:
    """What makes the AWS provider of terraform talk to it."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _client(service: str, endpoint: str) -> Any:
    return boto3.client(  # type: ignore[call-overload] # one overload for each service
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
