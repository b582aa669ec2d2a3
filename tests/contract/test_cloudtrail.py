"""What CloudTrail tells reaches a second opinion, newest first and without what only reads."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.aws import REGION

from iacfix.adapters.aws.cloudtrail import CloudTrailActivity
from iacfix.domain.finding import CloudResource
from iacfix.ports.activity import ActivityError
from iacfix.testing.cloudtrail_server import CloudTrailServer, Event

BUCKET = CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", "logs", "123456789012", REGION)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudTrailServer]:
    with CloudTrailServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield server


def test_changes_are_told_the_newest_first(trail: CloudTrailServer) -> None:
    trail.events += [
        Event("1", "PutBucketAcl", NOW - timedelta(hours=3), "logs"),
        Event("2", "DeleteBucketPolicy", NOW - timedelta(hours=1), "arn:aws:s3:::logs", who="bob"),
        Event("3", "GetBucketAcl", NOW, "logs", reads=True),
        Event("4", "PutBucketAcl", NOW - timedelta(days=8), "logs"),
        Event("5", "PutBucketAcl", NOW, "other"),
    ]
    found = CloudTrailActivity().recent(BUCKET, 20)
    assert [(each.who, each.what) for each in found] == [
        ("bob", "DeleteBucketPolicy of s3.amazonaws.com"),
        ("ann", "PutBucketAcl of s3.amazonaws.com"),
    ]
    assert found[0].at == (NOW - timedelta(hours=1)).isoformat()
    assert len(CloudTrailActivity().recent(BUCKET, 1)) == 1
    assert len(trail.asked) == 4, "by name and by identifier"


def test_who_may_not_look_says_so(trail: CloudTrailServer) -> None:
    trail.error = "AccessDeniedException"
    with pytest.raises(ActivityError, match=r"denies access to the events of CloudTrail.*cloudtrail:LookupEvents"):
        CloudTrailActivity().recent(BUCKET, 20)
