"""What has to hold of a message, whatever it is: no error, nothing lost, the same answer again, no other touched."""

import json
from datetime import UTC, datetime

from tests.support.messages import asff_finding, sqs, wiz_issue

from iacfix.controls import Catalogue
from iacfix.domain.errors import InputError
from iacfix.domain.finding import Finding, FindingRead, InvalidFinding
from iacfix.findings import read_findings
from iacfix.findings.arrivals import Arrival, open_message
from iacfix.findings.authentication import Proof, signature
from iacfix.findings.detect import READERS
from iacfix.findings.fields import MAX_TEXT, MAX_TITLE
from iacfix.findings.webhook import open_request
from iacfix.workflows.merging import one_for_each_fact

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SECRET = b"a secret of sixteen"
PROOF = Proof((SECRET,))
GOOD = asff_finding(Id="the-good-one")
(_OF_GOOD,) = open_message(json.dumps(GOOD))


def check(data: bytes) -> tuple[Arrival, ...]:
    """Raises AssertionError, or whatever a reader should not have raised."""
    arrivals = open_message(data)
    assert arrivals, "a message was lost"
    assert open_message(data) == arrivals, "the same message gives another answer"
    for arrival in arrivals:
        for read in arrival.reads:
            _check_read(read)
    _check_batch(data, arrivals)
    _check_file(data)
    _check_request(data)
    return arrivals


def check_value(value: object) -> None:
    """Every reader, whether the value is for it or not, and with a good entry behind it."""
    for reader in READERS:
        recognised = reader.recognises(value)
        assert reader.recognises(value) == recognised
        reads = tuple(reader.read(value))
        assert tuple(reader.read(value)) == reads
        for read in reads:
            _check_read(read)
    for good, name in ((GOOD, "asff"), (wiz_issue(), "wiz")):
        reader = next(each for each in READERS if each.name == name)
        (alone,) = reader.read([good])
        assert alone in tuple(reader.read([value, good])), "one entry cost another its turn"


def check_identity(arrivals: tuple[Arrival, ...], catalogue: Catalogue) -> None:
    """What is read can be known, keyed and merged."""
    reads = [read for arrival in arrivals for read in arrival.reads]
    kept = one_for_each_fact(reads, catalogue)
    invalid = [read for read in reads if isinstance(read, InvalidFinding)]
    assert [read for read in kept if isinstance(read, InvalidFinding)] == invalid
    told = {report for read in kept if isinstance(read, Finding) for report in read.reports}
    assert told == {(read.source, read.id) for read in reads if isinstance(read, Finding)}


def _check_read(read: FindingRead) -> None:
    if isinstance(read, InvalidFinding):
        assert read.reason, "a reason is missing"
        texts = [read.source, read.id, read.reason]
    else:
        resource = read.resource
        texts = [read.source, read.id, read.check_id, read.title, resource.type, resource.identifier, resource.name]
        texts += [
            resource.account,
            resource.region,
            read.url,
            read.observed_at,
            *(part for tag in resource.tags for part in tag),
        ]
        assert read.id
        assert read.check_id
        assert resource.identifier
        assert len(read.title) <= MAX_TITLE
        assert len(resource.identifier) <= MAX_TEXT + 100
        read.hint.path.encode()
    for text in texts:
        assert text.isprintable(), f"a text holds what does not print: {text!r}"


def _check_batch(data: bytes, arrivals: tuple[Arrival, ...]) -> None:
    """Beside a good message in one batch, each is read as it is alone."""
    body = data.decode("utf-8", "replace")
    beside = open_message(json.dumps(sqs(body, GOOD)))
    assert beside[-1].reads == _OF_GOOD.reads, "one message cost another its turn"
    if body.encode() == data:
        alone = [read for arrival in arrivals for read in arrival.reads if isinstance(read, Finding)]
        together = [read for arrival in beside[:-1] for read in arrival.reads if isinstance(read, Finding)]
        # An envelope more may be one too many: then nothing of the message is read, and that is told.
        assert together == alone or any(
            "envelopes" in getattr(read, "reason", "") for each in beside for read in each.reads
        )


def _check_file(data: bytes) -> None:
    try:
        reads = read_findings(data)
    except InputError:
        return
    assert read_findings(data) == reads
    for read in reads:
        _check_read(read)


def _check_request(data: bytes) -> None:
    body = data.decode("utf-8", "replace")
    sent = body.encode()
    stamp = str(int(NOW.timestamp()))
    headers = {"X-Iacfix-Signature": signature(SECRET, stamp, sent), "X-Iacfix-Timestamp": stamp}
    event = {"httpMethod": "POST", "headers": headers, "body": body}
    assert open_request(event, PROOF, NOW).status in {202, 413, 422}
    assert open_request(event | {"body": body + " "}, PROOF, NOW).status in {401, 413}
