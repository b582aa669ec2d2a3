from itertools import islice

from iacfix.domain.errors import InputError
from iacfix.domain.finding import FindingRead
from iacfix.findings.detect import AUTO, choose
from iacfix.findings.document import parse
from iacfix.findings.fields import MAX_ENTRIES


def read_findings(
    data: bytes,
    *,
    format: str = AUTO,  # noqa: A002 - the same word as --format, which users know
) -> tuple[FindingRead, ...]:
    """Everything that the file reports, in its order; what cannot be used is an InvalidFinding in its place.

    `control` is left "" for the catalogue to fill. Raises InputError when the file as a whole cannot be read.
    """
    value = parse(data)
    findings = tuple(islice(choose(format, value).read(value), MAX_ENTRIES + 1))
    if len(findings) > MAX_ENTRIES:
        raise InputError(
            f"the findings file has more than {MAX_ENTRIES:,} entries",
            remedy="split it, for example one file for each account or scanned folder",
        )
    return findings
