"""What is refused where no recipe says which settings a fix may touch, each rule on its own."""

import pytest

from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Unknown, Value
from iacfix.validators.differences import Compared, differences
from iacfix.validators.unguided import given_up, unseen

ON, OFF = Known(value=True), Known(value=False)
NOTHING = None


def compared(name: str, was: Value | None, now: Value | None) -> list[Compared]:
    def under(value: Value | None) -> ObjectValue:
        for part in reversed(name.split(".")):
            value = ObjectValue(() if value is None else ((part, value),))
        assert isinstance(value, ObjectValue)
        return value

    found = differences(under(was), under(now))
    return [Compared("aws_x.y", "aws_x", under(was), under(now), found, found)]


REFUSED = [
    ("monitoring", ON, OFF, "switched off"),
    ("monitoring", ON, NOTHING, "taken away"),
    ("monitoring", ON, Known(None), "taken away"),
    ("Enabled", NOTHING, OFF, "switched off"),
    ("StorageEncrypted", Known("true"), Known("false"), "switched off"),
    ("publicly_accessible", OFF, ON, "switched on"),
    ("EndpointPublicAccess", OFF, ON, "switched on"),
    ("BypassPolicyLockoutSafetyCheck", NOTHING, ON, "switched on"),
    ("disable_logging", NOTHING, ON, "switched on"),
    ("block_public_acls", ON, OFF, "switched off"),
    ("multi_az", ON, Reference(("var", "x")), "no longer a plain switch"),
    ("backup_retention_period", Known(30), Known(1), "lowered from 30 to 1"),
    ("max_password_age", Known(90), Known(0), "raised, or ends"),
    ("max_session_duration", Known(3600), Known(43200), "raised, or ends"),
    ("password_reuse_prevention", Known(24), NOTHING, "taken away"),
    ("version", Known("1.31"), Known("1.21"), "goes back"),
    ("from_port", Known(443), Known(0), "lets other traffic through"),
    ("protocol", Known("tcp"), Known("-1"), "lets other traffic through"),
    ("ingress.cidr_blocks", NOTHING, ListValue((Known("10.0.0.0/8"),)), "lets other traffic through"),
    ("security_group_ids", ListValue((Known("a"),)), ListValue((Known("a"), Known("b"))), "gets one more"),
    ("acl", Known("private"), Known("public-read"), "becomes public-read"),
    ("AccessControl", NOTHING, Known("PublicRead"), "becomes PublicRead"),
    ("authorization", NOTHING, Known("NONE"), "becomes NONE"),
    ("WebsiteConfiguration.IndexDocument", NOTHING, Known("x"), "door of its own"),
    ("Roles", NOTHING, ListValue((Known("admin"),)), "gives it to others"),
    ("user_data", NOTHING, Known("x"), "what runs"),
    ("Handler", Known("a"), Known("b"), "what runs"),
    ("layers", NOTHING, ListValue((Known("x"),)), "what runs"),
    ("policy_arn", Known("a"), Known("arn:aws:iam::aws:policy/AdministratorAccess"), "what runs"),
    ("environment.variables.A", NOTHING, Known("x"), "what runs there reads"),
    ("depends_on", NOTHING, ListValue((Reference(("a_b", "c")),)), "binds"),
    ("lifecycle.precondition.condition", NOTHING, OFF, "binds"),
    ("timeouts.create", NOTHING, Known("1s"), "binds"),
    ("s3_bucket_name", Known("a"), Known("b"), "points at something else"),
    ("hash_key", Known("a"), Known("b"), "points at something else"),
    ("tags.Team", Known("shop"), NOTHING, "taken away"),
]
LET_THROUGH = [
    ("rule.visibility_config.metrics_enabled", NOTHING, OFF),
    ("copy_tags_to_snapshot", NOTHING, OFF),
    ("monitoring", NOTHING, ON),
    ("security_group_ids", NOTHING, ListValue((Known("a"), Known("b")))),
    ("ingress.description", NOTHING, Known("HTTPS")),
    ("monitoring", OFF, ON),
    ("publicly_accessible", ON, OFF),
    ("publicly_accessible", ON, NOTHING),
    ("block_public_acls", NOTHING, ON),
    ("disable_api_termination", NOTHING, ON),
    ("backup_retention_period", Known(1), Known(30)),
    ("max_password_age", Known(0), Known(90)),
    ("http_put_response_hop_limit", Known(2), Known(1)),
    ("version", Known("1.21"), Known("1.31")),
    ("acl", Known("public-read"), Known("private")),
    ("acl", Known("public-read"), NOTHING),
    ("ingress.cidr", Known("x"), NOTHING),
    ("policy_arn", Known("a"), Known("arn:aws:iam::aws:policy/ReadOnlyAccess")),
    ("environment.variables.SECRET", Known("x"), NOTHING),
    ("kms_key_id", NOTHING, Reference(("aws_kms_key", "x", "arn"))),
    ("policy.Statement", Known("x"), Known("y")),
]


@pytest.mark.parametrize(("name", "was", "now", "said"), REFUSED)
def test_what_makes_a_resource_less_safe_is_refused(name: str, was: Value | None, now: Value | None, said: str) -> None:
    assert said in given_up(compared(name, was, now))


@pytest.mark.parametrize(("name", "was", "now"), LET_THROUGH)
def test_what_makes_it_safer_is_let_through(name: str, was: Value | None, now: Value | None) -> None:
    assert given_up(compared(name, was, now)) == ""


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (ON, Unknown("var.a ? true : false")),
        (ON, CallValue("try", (OFF, ON))),
        (ON, Reference(("var", "x"))),
        (Known("a"), CallValue("lookup", (Known("b"),))),
        (NOTHING, ListValue((Unknown("1 == 1"),))),
    ],
)
def test_what_only_a_run_makes_known_is_refused(was: Value | None, now: Value) -> None:
    assert "is not known here" in unseen(compared("setting", was, now))


def test_blocks_that_dynamic_makes_are_refused() -> None:
    assert "dynamic" in unseen(compared("dynamic logging", NOTHING, ListValue((ObjectValue(()),))))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (Unknown("a ? b : c"), Unknown("a ? b : c")),
        (NOTHING, Reference(("var", "x"))),
        (Known("a"), CallValue("jsonencode", (Known("b"),))),
        (ON, OFF),
    ],
)
def test_what_is_plain_or_was_so_is_let_through(was: Value | None, now: Value) -> None:
    assert unseen(compared("setting", was, now)) == ""
