"""What a pull request is told of the live resource, once somebody has looked."""

from iacfix.domain.verification import Result, Verification
from iacfix.pull_requests.markdown import code, inline

_LENGTH = 600
_SAID = {
    Result.RESOLVED: "**Verified: the weakness is gone from the live resource.**",
    Result.RESOURCE_GONE: "**Verified: the resource is not there any more.**",
    Result.STILL_OPEN: "**The weakness is still there in the live resource.** Has this been deployed?",
}


def verified_key(ledger_key: str) -> str:
    """That of our one comment on what was seen of a finding."""
    return f"verified-{ledger_key[:12]}"


def verified(seen: Verification) -> str:
    """Nothing where nobody could look: that is no news for whoever owns the code."""
    said = _SAID.get(seen.result, "")
    if not said:
        return ""
    where = f"{code(seen.control, _LENGTH)} of {code(seen.resource, _LENGTH)}"
    return f"{said}\n\n{where}: {inline(seen.seen, _LENGTH)} (`{seen.check}`, {seen.at}, verification `{seen.id}`)"
