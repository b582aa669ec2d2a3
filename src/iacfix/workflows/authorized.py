"""What triage decided, as the audit record tells it: by what something was allowed, or why it was left."""

from iacfix.domain.triage import Decision, Mode, Reason

MOST = 4_000  # characters: tags of others are in the reasons


def decided(decision: Decision) -> str:
    """In a few words."""
    owner = decision.owner.team if decision.owner.known else f"{decision.owner.team} (by default)"
    told = f"triage: owner {owner}; {decision.route.kind}, {decision.mode}"
    return told if decision.eligible else f"{told}; held by {_said(decision.against)}"[:MOST]


def authorization(decision: Decision) -> str:
    """The policy and its answer."""
    policy = f"policy {decision.policy_version or 'of no known version'}"
    accepted = f"; accepted until {decision.accepted_until}" if decision.accepted_until else ""
    allowed = "allows" if decision.eligible else "does not allow"
    return f"{policy} and gates: {allowed} it, {decision.mode}{accepted}"


def authorization_in_full(decision: Decision) -> str:
    """And every rule that spoke."""
    return f"{authorization(decision)}; {_said((*decision.reasons, *decision.route.reasons))}"[:MOST]


def only_watched(decision: Decision) -> bool:
    """Nothing stands in the way, and its control is only observed; or a rule says that nothing is to be done."""
    return bool(decision.suppressed) or (decision.eligible and not decision.mode.reaches(Mode.ASSIST))


def _said(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(f"{each.rule}: {each.text}" for each in reasons)
