"""Tasks of Step Functions that wait for a person's answer."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from botocore.config import Config

from iacfix.adapters.aws.session import fresh_session, telling

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

DENIED: Final = "ApprovalDenied"
_LONGEST_CAUSE = 32768
_TIMEOUT = 30.0


def answer_task(token: str, facts: Mapping[str, str], *, approved: bool, region: str = "") -> None:
    """Raises CloudReadError, also where the task has run out of time. Telling it twice does no harm: the second time it
    is told that the task has gone on.
    """
    with telling("the task that waits for the answer", ("states:SendTaskSuccess", "states:SendTaskFailure")):
        config = Config(connect_timeout=_TIMEOUT, read_timeout=_TIMEOUT, user_agent_extra="iacfix")
        client: SFNClient = fresh_session(region).client("stepfunctions", config=config)
        if approved:
            client.send_task_success(taskToken=token, output=json.dumps({"approved": True, **facts}))
        else:
            cause = json.dumps(facts)[:_LONGEST_CAUSE]
            client.send_task_failure(taskToken=token, error=DENIED, cause=cause)
