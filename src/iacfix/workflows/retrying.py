"""When a refused answer is the last one."""

from collections.abc import Sequence

from iacfix.domain.verdict import Rejected, StageName
from iacfix.generation.context import RejectedAttempt

# Stages that refuse an answer for what it does, not for how it is written.
HARM = frozenset({StageName.FILE_SCOPE, StageName.RESOURCE_SCOPE, StageName.HAZARDS})
# What these refuse was never applied, so that nobody knows what it would have done.
UNREAD = frozenset({StageName.PARSE, StageName.APPLY})


def new_violation(verdict: Rejected, earlier: Sequence[RejectedAttempt]) -> str:
    """Why no further answer is asked for; "" where one may be.

    A model that is told of one fault and comes back with harm of another kind is not on its way to a fix, or somebody
    else is speaking through it. So an answer is the last when a stage of HARM refuses it, that stage refused none of
    the answers before it, and at least one of those could be applied. The first answer that can be applied may always
    be followed by another, and so may one that repeats the fault it was told of: that is what attempts are counted for.
    """
    applied = [each.stage for each in earlier if each.stage not in UNREAD]
    if verdict.stage not in HARM or not applied or verdict.stage in applied:
        return ""
    return f"the retry brings a new kind of violation ({verdict.stage}), so that no further answer is asked for"
