"""One key for one fact, whichever tool says it and however often."""

import hashlib
import json

from iacfix.domain.finding import Finding


def ledger_key(finding: Finding, repository: str = "") -> str:
    """SHA-256 in hex of what is wrong (the control, or the tool's check where no control is known) and with what.

    A resource of the cloud is told by its ARN and account, or by its identifier, account and region: where an ARN has
    no region, as of a bucket or a role, one tool tells one and another does not. A block of code that a scanner saw is
    told by its repository, path and address: its identifier is the same in every repository that has a `main.tf`.
    """
    weakness = ["control", finding.control] if finding.control else ["check", finding.source, finding.check_id]
    resource = finding.resource
    if finding.hint.path and not resource.identifier.startswith("arn:"):
        place = ["code", repository, finding.hint.path, finding.hint.address or resource.identifier]
    elif resource.identifier.startswith("arn:"):
        place = ["cloud", resource.identifier.removesuffix(":*"), resource.account]  # of a log group it is optional
    else:
        place = ["cloud", resource.identifier, resource.account, resource.region]
    return hashlib.sha256(json.dumps([weakness, place]).encode("ascii")).hexdigest()
