"""A queue of SQS."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Final

from iacfix.adapters.aws.tables import telling_of
from iacfix.domain.errors import QueueError
from iacfix.ports import CloudReadError
from iacfix.ports.queue import Delivery

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE: Final = 10
"""Messages of one request: the most that SQS has."""
LONGEST_WAIT: Final = 20
_CONNECT_TIMEOUT: Final = 5.0
_READ_TIMEOUT: Final = LONGEST_WAIT + 10.0
_ATTEMPTS: Final = 5


class SqsQueue:
    """Implements ports.queue.Queue."""

    def __init__(self, url: str, *, region: str = "") -> None:
        """Raises QueueError where no client can be made."""
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        self.url = url
        clients = Clients(connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT, max_attempts=_ATTEMPTS)
        try:
            self._client: SQSClient = clients.sqs(region)
        except CloudReadError as error:
            raise QueueError(error.what, remedy=error.remedy) from None

    @cached_property
    def arn(self) -> str:
        with self._telling("sqs:GetQueueAttributes"):
            answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
            return answer["Attributes"]["QueueArn"]

    def receive(self, *, wait: int, hold: int) -> tuple[Delivery, ...]:
        with self._telling("sqs:ReceiveMessage"):
            answer = self._client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=AT_ONCE,
                WaitTimeSeconds=min(wait, LONGEST_WAIT),
                VisibilityTimeout=hold,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
            return tuple(
                Delivery(
                    id=each["MessageId"],
                    receipt=each["ReceiptHandle"],
                    body=each["Body"],
                    sent_at=int(each["Attributes"]["SentTimestamp"]) / 1000,
                    received=int(each["Attributes"]["ApproximateReceiveCount"]),
                )
                for each in answer.get("Messages", [])
            )

    def hold(self, deliveries: Sequence[Delivery], seconds: int) -> None:
        for start in range(0, len(deliveries), AT_ONCE):
            with self._telling("sqs:ChangeMessageVisibility"):
                self._client.change_message_visibility_batch(  # what is gone is told in its answer, and is no matter
                    QueueUrl=self.url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": each.receipt, "VisibilityTimeout": seconds}
                        for number, each in enumerate(deliveries[start : start + AT_ONCE])
                    ],
                )

    def delete(self, delivery: Delivery) -> None:
        with self._telling("sqs:DeleteMessage"):
            self._client.delete_message(QueueUrl=self.url, ReceiptHandle=delivery.receipt)

    def send(self, body: str) -> None:
        with self._telling("sqs:SendMessage"):
            self._client.send_message(QueueUrl=self.url, MessageBody=body)

    def sources(self) -> tuple[str, ...]:
        """The urls of the queues whose dead letters come here."""
        with self._telling("sqs:ListDeadLetterSourceQueues"):
            pages = self._client.get_paginator("list_dead_letter_source_queues").paginate(QueueUrl=self.url)
            return tuple(url for page in pages for url in page.get("queueUrls", []))

    def _telling(self, permission: str) -> AbstractContextManager[None]:
        return telling_of(f"the queue {self.url.rpartition('/')[2]}", (permission,), QueueError)
