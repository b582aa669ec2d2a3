"""A topic of SNS. A FIFO topic drops what comes twice within five minutes; other subscribers tell it by the attribute
`id`. boto3 publishes again where no answer came.
"""

import re
from functools import cached_property
from typing import TYPE_CHECKING

from iacfix.adapters.aws.role import Role
from iacfix.domain.errors import ConfigurationError, NotifierError
from iacfix.domain.notice import Notice, Summary
from iacfix.notices.sns import SnsMessage, sns_notice, sns_summary
from iacfix.ports import CloudReadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import PublishInputTypeDef

_ARN = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}(?P<fifo>\.fifo)?")
_PERMISSIONS = ("sns:Publish",)


class SnsNotifier:
    """Implements ports.notifier.Notifier. Its client is made when it is first used."""

    def __init__(self, topic: str, *, role: Role | None = None, make: "Callable[[], SNSClient] | None" = None) -> None:
        """`make` gives the client, where it is there already. Raises ConfigurationError."""
        found = _ARN.fullmatch(topic)
        if found is None:
            raise ConfigurationError(f"{topic[:100]!r} is no ARN of a topic", remedy="correct notify.sns.topic")
        self._topic = topic
        self._region = found["region"]
        self._is_fifo = found["fifo"] is not None
        self._role = role
        self._make = make

    @property
    def name(self) -> str:
        return "sns"

    def tell(self, notice: Notice, before: str = "") -> str:  # noqa: ARG002 - a topic has no links
        self._publish(sns_notice(notice))
        return ""

    def summarize(self, summary: Summary) -> None:
        self._publish(sns_summary(summary))

    @cached_property
    def _client(self) -> "SNSClient":
        if self._make is not None:
            return self._make()
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        clients = Clients(connect_timeout=5.0, read_timeout=10.0, max_attempts=3)
        return clients.sns(self._region, self._role)

    def _publish(self, sent: SnsMessage) -> None:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        wanted: PublishInputTypeDef = {
            "TopicArn": self._topic,
            "Subject": sent.subject,
            "Message": sent.body,
            "MessageStructure": "json",
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in sent.attributes.items()
            },
        }
        if self._is_fifo:
            wanted["MessageGroupId"] = sent.group
            wanted["MessageDeduplicationId"] = sent.deduplication
        try:
            with telling(f"the topic {self._topic}", _PERMISSIONS):
                self._client.publish(**wanted)
        except CloudReadError as error:
            raise NotifierError(error.what, remedy=error.remedy) from None
