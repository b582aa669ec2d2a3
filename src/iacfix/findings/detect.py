"""Which reader a file is for. A new format is one file with its READER, and one name in the table."""

from iacfix.domain.errors import InputError
from iacfix.findings import asff, checkov, config_rule, guardduty, ocsf, sarif, trivy, wiz
from iacfix.findings.reader import Reader

READERS: tuple[Reader, ...] = (
    checkov.READER,
    asff.READER,
    trivy.READER,
    sarif.READER,
    ocsf.READER,
    wiz.READER,
    config_rule.READER,
    guardduty.READER,
)

FORMATS: tuple[str, ...] = tuple(reader.name for reader in READERS)
AUTO = "auto"


def choose(name: str, value: object) -> Reader:
    """Raises InputError when the name is unknown, when no reader knows the file, or when another one does."""
    named = next((reader for reader in READERS if reader.name == name), None)
    if named is None and name != AUTO:
        raise InputError(f"the format {name[:40]!r} is not known", remedy=_known())
    if not isinstance(value, dict | list):
        raise InputError("the findings file is neither a JSON object nor a list", remedy=_known())
    if named is not None and named.recognises(value):
        return named
    recognised = next((reader for reader in READERS if reader.recognises(value)), None)
    if named is None and recognised is None:
        raise InputError("the findings file is JSON, but of no format that iacfix recognises", remedy=_known())
    if named is not None and recognised is not None:
        raise InputError(
            f"the findings file is not {named.name}, it looks like {recognised.name}",
            remedy=f"use --format {recognised.name}, or leave --format out",
        )
    return named or recognised or READERS[0]


def _known() -> str:
    formats = "; ".join(f"{reader.name} ({reader.description})" for reader in READERS)
    return f"name one of these with --format: {formats}"
