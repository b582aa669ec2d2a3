import pytest

from iacfix.controls import load_catalogue
from iacfix.controls.assertions import assertions
from iacfix.controls.demands import beyond_recipe, demands
from iacfix.domain.control import AllOf, AnyOf, Beside, Close, Control
from iacfix.domain.location import Framework

SHIPPED = load_catalogue()
TERRAFORM, CLOUDFORMATION = Framework.TERRAFORM, Framework.CLOUDFORMATION


def shipped(name: str) -> Control:
    found = SHIPPED.get(name)
    assert found is not None
    return found


def test_every_assertion_can_be_told() -> None:
    told = {control.id: demands(control, language) for control in SHIPPED for language in Framework}
    assert sum(map(bool, told.values())) > len(told) / 2
    odd = ("`None`", "Meets(", "Setting(", "``")
    assert [name for name, sentences in told.items() if any(each in text for text in sentences for each in odd)] == []


@pytest.mark.parametrize(
    ("name", "language", "sentence"),
    [
        ("ebs-volume-encryption", TERRAFORM, "`encrypted` is `true`"),
        (
            "s3-versioning",
            TERRAFORM,
            ("either there is `versioning`, in each of which `enabled` is `true`; or there is an `aws_s3_bucket_versioning`"
            " that refers to it (`bucket` is its `id`), in which there is `versioning_configuration`, in each of which"
            " `status` is `Enabled`"),
        ),
        ("secretsmanager-rotation", CLOUDFORMATION, "there is an `AWS::SecretsManager::RotationSchedule` that refers to it (`SecretId` is its name or id (`Ref`))"),
        ("kms-key-enabled", TERRAFORM, "`is_enabled` is not `false`"),
        ("iam-no-user-policies", TERRAFORM, "where the finding is about `aws_iam_policy_attachment`: `users` is not written"),
    ],
)  # fmt: skip
def test_what_is_asked_for_in_words(name: str, language: Framework, sentence: str) -> None:
    assert demands(shipped(name), language) == (sentence,)


def test_only_the_cases_of_a_resource() -> None:
    control = shipped("waf-has-rules")
    assert len(demands(control, TERRAFORM)) == 4
    assert demands(control, TERRAFORM)[-1] == "otherwise: there is `activated_rule`"
    assert demands(control, TERRAFORM, "aws_waf_web_acl") == ("there is `rules`",)
    assert demands(control, TERRAFORM, "aws_waf_rule_group") == ("there is `activated_rule`",)
    assert demands(shipped("acm-key-length"), TERRAFORM) == ()


def test_a_recipe_tells_what_it_makes_true_itself() -> None:
    control = shipped("s3-versioning")
    assert control.terraform is not None
    assert beyond_recipe(control.terraform) == ()


def test_what_is_true_in_either_style_is_true() -> None:
    fix = shipped("s3-versioning").terraform
    assert fix is not None
    (only,) = assertions(fix)
    assert only.when == ()
    (predicate,) = only.holds
    assert isinstance(predicate, AnyOf)
    inline, separate = predicate.either
    assert isinstance(inline, AllOf)
    assert isinstance(separate, AllOf)
    assert [type(each) for each in separate.every] == [Beside]


def test_what_a_rule_gives_way_to_is_not_asserted() -> None:
    rules = [
        each
        for control in SHIPPED
        for fix in control.fixes
        for case in assertions(fix)
        for each in case.holds
        if isinstance(each, Close)
    ]
    assert rules
    assert all(each.instead is None and not each.only_instead for each in rules)
