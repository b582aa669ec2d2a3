"""Which resource of a SAM template stands behind one that SAM made.

The names are those of "Generated CloudFormation resources" in the AWS SAM developer guide.
"""

import re
from collections.abc import Iterable

from iacfix.iac.entry import Entry

_SAM = "AWS::Serverless::"
_HASH = r"[0-9a-f]{10}"
# By the kind of the parent: what SAM puts behind its logical id.
_MADE = {
    "Function": rf"Role|Version{_HASH}|Alias[A-Za-z0-9]+|Url|UrlPublicPermissions|DeploymentGroup|EventInvokeConfig"
    r"|[A-Za-z0-9]+Permission(?:[A-Z][A-Za-z0-9]*)?",
    "StateMachine": rf"Role|Version{_HASH}|Alias[A-Za-z0-9]+",
    "Api": rf"Deployment{_HASH}|[A-Za-z0-9]+Stage",
    "HttpApi": r"ApiGatewayDefaultStage|[A-Za-z0-9]+Stage",
    "LayerVersion": _HASH,
}


def parent_of(logical_id: str, entries: Iterable[tuple[str, Entry]]) -> list[tuple[str, Entry]]:
    """Those with the longest logical id that SAM can have made this one of; several where templates share it."""
    found: list[tuple[str, Entry]] = []
    for path, entry in entries:
        kind, parent = entry.labels
        made = _MADE.get(kind.removeprefix(_SAM)) if kind.startswith(_SAM) else None
        if made is not None and logical_id.startswith(parent) and re.fullmatch(made, logical_id[len(parent) :]):
            found.append((path, entry))
    longest = max((len(entry.labels[1]) for _, entry in found), default=0)
    return [each for each in found if len(each[1].labels[1]) == longest]
