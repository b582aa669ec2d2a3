from datetime import UTC, datetime, timedelta

import pytest

from iacfix.controls import load_catalogue
from iacfix.domain.control import Risk
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.triage import Action, Decision, Effect, Mode, OwnedBy, Owner, PolicyDecision, Route, RouteKind
from iacfix.triage.actions import ActionLimits, Limit, actions_of
from iacfix.triage.blast_radius import BlastRadius, Touch
from iacfix.triage.exclusions import Exclusions

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def finding(kind: str, title: str = "x") -> Finding:
    return Finding("t", "f", "C", title, CloudResource(kind, "r"))


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("AwsIamRole", Action.IAM),
        ("aws_iam_policy", Action.IAM),
        ("AWS::KMS::Key", Action.IAM),
        ("AwsEc2SecurityGroup", Action.NETWORK),
        ("aws_lb_listener", Action.NETWORK),
        ("AWS::EC2::EIP", Action.NETWORK),
        ("AwsRdsDbInstance", Action.DATABASE),
        ("aws_db_instance", Action.DATABASE),
        ("AWS::RDS::DBCluster", Action.DATABASE),
        ("AwsDynamoDbTable", Action.DATABASE),
        ("AwsS3Bucket", Action.CONFIGURE),
        ("aws_ses_receipt_rule", Action.CONFIGURE),
        ("AwsApiGatewayRestApi", Action.CONFIGURE),
        ("", Action.CONFIGURE),
    ],
)
def test_what_is_touched_is_known_by_the_type_in_every_tools_words(kind: str, action: Action) -> None:
    assert actions_of(finding(kind), None) == (action,)


def test_what_a_fix_may_add_counts_too_and_a_deletion_by_its_title() -> None:
    controls = {control.id: control for control in load_catalogue()}
    assert Action.NETWORK in actions_of(finding("x"), controls["sg-no-open-high-risk-ports"])
    for title in (
        "Unused IAM users should be removed",
        "Ensure expired certificates are removed",
        "Delete unused keys",
    ):
        assert Action.DELETE in actions_of(finding("x", title), None)
    assert Action.DELETE not in actions_of(finding("x", "Buckets should have MFA delete enabled"), None)


def test_no_shipped_control_with_a_recipe_is_taken_for_a_deletion() -> None:
    """A title that only sounds like one would hold back fixes that were proven to delete nothing."""
    recipes = [control for control in load_catalogue() if any(fix.has_recipe for fix in control.fixes)]
    assert [each.id for each in recipes if Action.DELETE in actions_of(finding(""), each)] == []


def test_deletion_cannot_be_allowed() -> None:
    with pytest.raises(ValueError, match="deleted"):
        ActionLimits({Action.DELETE: Limit.APPROVAL})
    assert ActionLimits().ask([Action.DELETE], Risk.LOW).effect is Effect.DENIED


def test_an_approval_caps_the_mode_and_an_unknown_risk_does_too() -> None:
    assert ActionLimits().ask([Action.IAM], Risk.LOW).cap is Mode.SUPERVISED
    assert ActionLimits().ask([Action.CONFIGURE], Risk.LOW).cap is Mode.AUTONOMOUS
    assert ActionLimits().ask([Action.CONFIGURE], None).cap is Mode.SUPERVISED


def test_a_resource_that_was_touched_is_not_counted_again() -> None:
    radius = BlastRadius(run=2, hour=2, control=2)
    touched = [Touch(NOW, name, "c", "run") for name in ("a", "b")]
    assert radius.ask(Touch(NOW, "a", "c", "run"), touched).effect is Effect.PASSED
    refused = radius.ask(Touch(NOW, "new", "c", "run"), touched)
    assert (refused.effect, refused.text) == (Effect.DENIED, "this run may touch 2 resources at most, and has")
    later = Touch(NOW + timedelta(hours=1), "new", "d", "next run")
    assert radius.ask(later, touched).effect is Effect.PASSED


def test_without_marks_nothing_is_excluded() -> None:
    assert Exclusions(()).ask([("iacfix", "off")]).effect is Effect.PASSED


def test_what_is_said_cannot_contradict_itself() -> None:
    owner, human, code = Owner("t", OwnedBy.TAGS), Route(RouteKind.HUMAN, ()), Route(RouteKind.IAC, ())
    with pytest.raises(ValueError, match="eligible"):
        Decision(finding("x"), owner, eligible=False, route=human, mode=Mode.OBSERVE)
    with pytest.raises(ValueError, match="person"):
        Decision(finding("x"), owner, eligible=False, route=code, mode=Mode.OBSERVE, against=(Exclusions().ask([("iacfix", "off")]).reason,))  # fmt: skip
    with pytest.raises(ValueError, match="reason"):
        PolicyDecision(allow=True, allowed=(), denied=())
    with pytest.raises(ValueError, match="reason"):
        PolicyDecision(allow=False, allowed=(), denied=())


def test_modes_are_in_their_order() -> None:
    assert [mode for mode in Mode if mode.reaches(Mode.SUPERVISED)] == [Mode.SUPERVISED, Mode.AUTONOMOUS]
    assert Mode.AUTONOMOUS.at_most(Mode.ASSIST) is Mode.ASSIST
