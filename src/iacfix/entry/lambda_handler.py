"""AWS Lambda: `iacfix.entry.lambda_handler.handler`, for a queue, a topic, a bus and HTTP. See docs/lambda.md.

What handles findings is imported with the first event: starting costs what boto3 and Powertools cost, and little more.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from iacfix.domain.errors import ConfigurationError, IacfixError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from iacfix.entry.messages import Messages
    from iacfix.workflows.intake import Handled

NAMESPACE = "iacfix"
# Milliseconds that have to be left for a message to be begun: a model is asked thrice at most.
RESERVE = 60_000
# Seconds after which configuration and secrets are read again.
RENEWED = 300.0
_TRY_AGAIN = 500

logger = Logger(service="iacfix")
metrics = Metrics(namespace=NAMESPACE, service="iacfix")
tracer = Tracer(service="iacfix", patch_modules=("boto3",))


class NotBegunError(IacfixError):
    """There was no time left: the message goes back as it came."""


class PullStoppedError(IacfixError):
    """Not all that is open was pulled."""


class Parts:
    """What lives as long as the function's environment, and is renewed."""

    def __init__(self) -> None:
        self._messages: Messages | None = None
        self._made = 0.0

    def messages(self) -> "Messages":
        """Raises IacfixError where configuration or secrets cannot be had."""
        if self._messages is None or time.monotonic() - self._made > RENEWED:
            from iacfix.entry.event_parts import messages_from  # noqa: PLC0415 - what handles findings costs a second

            self._messages = messages_from(os.environ)
            self._made = time.monotonic()
        return self._messages


parts = Parts()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def idempotency() -> tuple[DynamoDBPersistenceLayer, IdempotencyConfig] | None:
    """None where no table is named: then the ledger alone knows what was done, which is enough, and slower."""
    table = os.environ.get("IACFIX_IDEMPOTENCY_TABLE", "")
    if not table:
        return None
    from iacfix.adapters.aws.tables import dynamodb  # noqa: PLC0415 - with the first event

    return DynamoDBPersistenceLayer(table, boto3_client=dynamodb()), IdempotencyConfig(event_key_jmespath="body")


@tracer.capture_lambda_handler(capture_response=False, capture_error=False)
@metrics.log_metrics
def handler(event: Mapping[str, object], context: "LambdaContext") -> object:
    """Answers what the source of the event wants: the messages of a batch to be delivered again, or a status."""
    records = event.get("Records")
    metrics.add_metric("MessagesReceived", MetricUnit.Count, len(records) if isinstance(records, list) else 1)
    if not isinstance(records, list):
        return _single(event, context)
    sources = {each.get("eventSource", each.get("EventSource")) for each in records if isinstance(each, dict)}
    if sources == {"aws:sqs"}:
        return _batch(cast("dict[str, list[dict[str, object]]]", event), context)
    return _single(event, context)


def _batch(event: "dict[str, list[dict[str, object]]]", context: "LambdaContext") -> "PartialItemFailureResponse":
    """Each message by itself: one that fails goes back, and no other with it."""

    def begin(record: SQSRecord) -> object:
        if context.get_remaining_time_in_millis() < _reserve():
            metrics.add_metric("MessagesNotBegun", MetricUnit.Count, 1)
            raise NotBegunError(f"less than {_reserve() // 1000} seconds were left")
        return _once(record, context)

    with processor(event["Records"], begin, lambda_context=context):
        processor.process()
    return processor.response()


def _once(record: SQSRecord, context: "LambdaContext") -> object:
    """A message that came twice with the same words is not worked on twice."""
    logger.set_correlation_id(record.message_id)
    used = idempotency()
    if used is None:
        return _handled(record.body, record.message_id, record.event_source_arn)
    layer, config = used
    config.register_lambda_context(context)

    def work(record: SQSRecord) -> object:
        return _handled(record.body, record.message_id, record.event_source_arn)

    return idempotent_function(work, data_keyword_argument="record", persistence_store=layer, config=config)(
        record=record
    )


def _single(event: Mapping[str, object], context: "LambdaContext") -> object:
    """A topic's, a bus's or a schedule's: what fails is raised, so that Lambda tries again and then gives it up to the
    dead-letter queue.
    """
    logger.set_correlation_id(context.aws_request_id)
    if "requestContext" in event:
        return _request(event, context.aws_request_id)
    if isinstance(own := event.get("iacfix"), dict):
        return _remediated(event) if "remediation" in own else _pulled(own)
    return _handled(json.dumps(event), context.aws_request_id)


def _remediated(event: Mapping[str, object]) -> object:
    """One step of the state machine. What fails is raised, so that the machine sees it."""
    from iacfix.entry.remediation_steps import answer, machine_of  # noqa: PLC0415 - with the first event

    return answer(event, machine_of(os.environ))


def _pulled(asked: Mapping[str, object]) -> dict[str, int]:
    """What a schedule asks for: `{"iacfix": {"pull": "security-hub"}}`. Raises whatever stands in the way, so that it
    is asked again: what was sent already is found in the ledger.
    """
    from iacfix.entry.pulling import pull_into_queue  # noqa: PLC0415 - only a schedule comes that way

    _numbers()
    pulled = pull_into_queue(str(asked.get("pull", "")), os.environ)
    count = sum(pulled.counts.values())
    metrics.add_metric("FindingsPulled", MetricUnit.Count, count)
    if pulled.stopped:
        raise PullStoppedError(f"after {count} findings: {pulled.stopped}")
    logger.info("pulled", extra={"source": pulled.source.name, "findings": count})
    return {"pulled": count}


def _numbers() -> None:
    """What the ledger says as a whole: a schedule is often enough for it."""
    from iacfix.entry.ledger_metrics import ledger_metrics  # noqa: PLC0415 - only a schedule asks for them

    store = parts.messages().store
    for each in ledger_metrics(store) if store is not None else ():
        _one(each.name, MetricUnit(each.unit), each.value, **each.dimensions)


def _request(event: Mapping[str, object], request_id: str) -> dict[str, object]:
    """The caller is told a status and nothing else, and 500 where it should send it again."""
    from iacfix.findings.webhook import ACCEPTED, open_request  # noqa: PLC0415 - only who comes that way pays for it
    from iacfix.workflows.clock import utc_now  # noqa: PLC0415 - as above

    try:
        messages = parts.messages()
        answer = open_request(event, messages.proof, utc_now(), messages.acceptance)
        if answer.arrivals:
            _counted(lambda: messages.handle_all(answer.arrivals, request_id), request_id)
    except IacfixError as error:
        logger.error("the request could not be done", extra={"reason": _shown(str(error))})  # noqa: TRY400 - no trace
        return {"statusCode": _TRY_AGAIN}
    if answer.status != ACCEPTED:
        logger.warning("a request is refused", extra={"reason": answer.reason, "status": answer.status})
    return {"statusCode": answer.status}


def _handled(body: str, message_id: str, queue: str = "") -> dict[str, int]:
    """Raises whatever stands in the way."""
    from iacfix.findings.origin import Origin, Way  # noqa: PLC0415 - with the first event

    origin = Origin(Way.QUEUE if queue else Way.EVENT, queue=queue, message_id=message_id)
    return _counted(lambda: parts.messages().handle(body, origin), message_id)


@tracer.capture_method(capture_response=False, capture_error=False)
def _counted(handle: "Callable[[], tuple[Handled, ...]]", message_id: str) -> dict[str, int]:
    """How many findings stand in which state now. Raises whatever stands in the way."""
    start = time.monotonic()
    try:
        done = handle()
    except IacfixError as error:
        metrics.add_metric("MessagesFailed", MetricUnit.Count, 1)
        logger.warning("the message goes back", extra={"reason": _shown(str(error)), "message_id": message_id})
        raise
    metrics.add_metric("FindingsReceived", MetricUnit.Count, len(done))
    metrics.add_metric("Duration", MetricUnit.Milliseconds, 1000 * (time.monotonic() - start))
    states: Counter[str] = Counter()
    for each in done:
        states[_told(each, message_id)] += 1
    for state, number in states.items():
        _one("Findings", MetricUnit.Count, number, State=state)
    return dict(states)


def _told(handled: "Handled", message_id: str) -> str:
    """A line of the log, and a failure of a control where it is one. Answers the finding's state."""
    entry, decision = handled.entry, handled.decision
    if entry is None:
        logger.info("rejected", extra={"reason": _shown(handled.outcome.reason), "message_id": message_id})
        metrics.add_metric("FindingsRejected", MetricUnit.Count, 1)
        return "rejected"
    logger.info(
        "handled",
        extra={
            "finding": entry.key,
            "control": entry.control,
            "state": entry.state.value,
            "reason": _shown(entry.reason),
            "owner": entry.owner,
            "mode": decision.mode.value if decision is not None else "",
            "pull_request": entry.pull_request,
            "message_id": message_id,
        },
    )
    if entry.state.value in {"fix_generation_failed", "not_located"}:
        _one("FixFailures", MetricUnit.Count, 1, Control=entry.control or "unknown")
    return entry.state.value


def _shown(text: str) -> str:
    """What came from outside, for a log that more people read than the ledger."""
    from iacfix.domain.secrets import redact  # noqa: PLC0415 - with the first event

    return redact(text)


def _one(name: str, unit: MetricUnit, value: float, **dimensions: str) -> None:
    """A metric with dimensions of its own."""
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        for key, text in {**dimensions, "service": "iacfix"}.items():
            metric.add_dimension(key, text)


@cache
def _reserve() -> int:
    given = os.environ.get("IACFIX_RESERVE_SECONDS", "")
    if given and not (given.isascii() and given.isdigit()):
        raise ConfigurationError("IACFIX_RESERVE_SECONDS is no number", remedy="give whole seconds")
    return int(given) * 1000 if given else RESERVE
