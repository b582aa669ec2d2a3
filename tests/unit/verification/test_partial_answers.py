"""Answers that are half of one, of something else, or of another moment: none of them resolves, and nothing is gone."""

from collections.abc import Mapping

import pytest
from tests.unit.verification.reading import Given, Said
from tests.unit.verification.test_look import seen

from iacfix.domain.finding import CloudResource
from iacfix.domain.verification import Result
from iacfix.ports.posture import PostureError

_R = "eu-west-1:123456789012"
_GROUP, _ACL = "sg-0123456789abcdef0", "acl-0123456789abcdef0"
_TEMPLATE = "lt-0123456789abcdef0"
USER, ROLE, POLICY = (f"arn:aws:iam::123456789012:{each}" for each in ("user/ann", "role/deploys", "policy/reads"))
GONE = PostureError("", code="NoSuchEntity")
ATTACHED = {"AttachedPolicies": [{"PolicyArn": POLICY}], "IsTruncated": False}
IN_FORCE = {"Policy": {"DefaultVersionId": "v2"}}


def looked(check: str, arn: str, answers: Mapping[str, Said]) -> Result:
    reader = Given({operation: (answer,) for operation, answer in answers.items()})
    return seen(check, reader, CloudResource("", arn)).result


@pytest.mark.parametrize("missing", ["GetPolicy", "GetPolicyVersion"])
def test_a_role_is_not_gone_because_one_of_its_policies_is(missing: str) -> None:
    answers: dict[str, Said] = {
        "GetRole": {},
        "ListAttachedRolePolicies": ATTACHED,
        "GetPolicy": IN_FORCE,
        missing: GONE,
    }
    assert looked("iam_no_admin_policy", ROLE, answers) is Result.ERROR


def test_a_role_is_not_gone_because_a_policy_of_its_own_is() -> None:
    none: Said = {"AttachedPolicies": []}
    own: Said = {"PolicyNames": ["own"]}
    answers: dict[str, Said] = {
        "GetRole": {},
        "ListAttachedRolePolicies": none,
        "ListRolePolicies": own,
        "GetRolePolicy": GONE,
    }
    assert looked("iam_no_admin_policy", ROLE, answers) is Result.ERROR


def test_a_policy_is_gone_by_itself_and_not_by_its_version() -> None:
    assert looked("iam_no_admin_policy", POLICY, {"GetPolicy": GONE}) is Result.RESOURCE_GONE
    assert looked("iam_no_admin_policy", POLICY, {"GetPolicy": IN_FORCE, "GetPolicyVersion": GONE}) is Result.ERROR


@pytest.mark.parametrize("marker", [None, "", 7])
def test_half_a_list_is_not_all_of_it(marker: object) -> None:
    half = {"IsTruncated": True, "Marker": marker}
    whole: dict[str, dict[str, object]] = {
        "ListAttachedUserPolicies": {"AttachedPolicies": []},
        "ListUserPolicies": {"PolicyNames": []},
    }
    assert looked("iam_no_user_policies", USER, {"GetUser": {}, **whole}) is Result.RESOLVED
    for operation, answer in whole.items():
        answers: dict[str, Said] = {"GetUser": {}, **whole, operation: {**answer, **half}}
        assert looked("iam_no_user_policies", USER, answers) is Result.ERROR


def test_a_group_of_logs_is_not_gone_while_there_may_be_more_pages() -> None:
    answer = {"logGroups": [], "nextToken": ["a"]}
    assert looked("log_retention", f"arn:aws:logs:{_R}:log-group:app", {"DescribeLogGroups": answer}) is Result.ERROR


@pytest.mark.parametrize(
    ("reason", "result"), [("MISSING", "resource_gone"), ("ACCESS_DENIED", "error"), (None, "error")]
)
def test_a_failure_is_not_always_that_it_is_gone(reason: str | None, result: str) -> None:
    answer = {"clusters": [], "failures": [{"arn": "x", "reason": reason}]}
    assert looked("ecs_container_insights", f"arn:aws:ecs:{_R}:cluster/orders", {"DescribeClusters": answer}) == result


@pytest.mark.parametrize("qualifier", ["prod", "7"])
def test_an_alias_is_not_judged_by_the_function(qualifier: str) -> None:
    answers: dict[str, Said] = {
        "GetFunctionConfiguration": {"FunctionName": "orders"},
        "GetPolicy": PostureError("", code="ResourceNotFoundException"),
    }
    function = f"arn:aws:lambda:{_R}:function:orders"
    assert looked("lambda_policy", function, answers) is Result.RESOLVED
    assert looked("lambda_policy", f"{function}:{qualifier}", answers) is Result.ERROR


def test_a_rule_for_nobody_is_half_a_rule() -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    for ranges, result in (([], "error"), (None, "error"), ([{"CidrIp": "10.0.0.0/8"}], "resolved")):
        group = {"GroupId": _GROUP, "IpPermissions": [{**rule, "IpRanges": ranges}]}
        arn = f"arn:aws:ec2:{_R}:security-group/{_GROUP}"
        assert looked("sg_ssh", arn, {"DescribeSecurityGroups": {"SecurityGroups": [group]}}) == result


@pytest.mark.parametrize("changed", [{"RuleAction": None}, {"RuleAction": "x"}, {"Protocol": 17}, {"Protocol": None}])
def test_what_does_not_say_that_it_denies_denies_nothing(changed: Mapping[str, object]) -> None:
    every = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1", "Egress": False}
    deny = {**every, "RuleNumber": 1, "RuleAction": "deny"}
    allow = {**every, "RuleNumber": 2, "RuleAction": "allow"}
    for first, result in ((deny, "resolved"), ({**deny, **changed}, "error")):
        acl = {"NetworkAclId": _ACL, "Entries": [first, allow]}
        arn = f"arn:aws:ec2:{_R}:network-acl/{_ACL}"
        assert looked("nacl_ssh", arn, {"DescribeNetworkAcls": {"NetworkAcls": [acl]}}) == result


@pytest.mark.parametrize(("named", "result"), [(_TEMPLATE, "resolved"), ("lt-1", "error"), (None, "error")])
def test_another_launch_template_says_nothing_of_this_one(named: str | None, result: str) -> None:
    options = {"MetadataOptions": {"HttpTokens": "required"}}
    version = {"LaunchTemplateId": named, "DefaultVersion": True, "LaunchTemplateData": options}
    answer = {"LaunchTemplateVersions": [version]}
    arn = f"arn:aws:ec2:{_R}:launch-template/{_TEMPLATE}"
    assert looked("ec2_imdsv2", arn, {"DescribeLaunchTemplateVersions": answer}) == result


def test_an_account_that_contradicts_the_finding_is_not_looked_at() -> None:
    other = CloudResource("AwsAccount", "AWS::::Account:111122223333", account="123456789012")
    reader = Given({"GetAccountSummary": ({"SummaryMap": {"AccountAccessKeysPresent": 0}},)})
    assert (seen("iam_no_root_access_key", reader, other).result, reader.asked) == (Result.ERROR, [])


def test_false_is_not_no_keys() -> None:
    for keys, result in ((0, "resolved"), (1, "still_open"), (False, "error")):
        summary = {"GetAccountSummary": {"SummaryMap": {"AccountAccessKeysPresent": keys}}}
        assert looked("iam_no_root_access_key", "arn:aws:iam::123456789012:root", summary) == result


def test_an_instance_without_interfaces_is_half_an_instance() -> None:
    name = "i-0123456789abcdef0"
    for interfaces, result in (([{"NetworkInterfaceId": "eni-1"}], "resolved"), ([], "error"), (None, "error")):
        instance = {"InstanceId": name, "NetworkInterfaces": interfaces}
        answer = {"DescribeInstances": {"Reservations": [{"Instances": [instance]}]}}
        assert looked("ec2_public_address", f"arn:aws:ec2:{_R}:instance/{name}", answer) == result


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": ["Allow"], "Principal": "*"},
        {"Effect": {}, "Principal": "*"},
        {"Effect": "Allow", "Principal": {"AWS": {}}},
    ],
)
def test_a_policy_of_odd_types_breaks_no_look(statement: Mapping[str, object]) -> None:
    answer: Said = {"Role": {"AssumeRolePolicyDocument": {"Statement": [statement]}}}
    assert looked("iam_role_trust", ROLE, {"GetRole": answer}) is Result.ERROR


def test_behaviors_of_a_distribution_are_counted() -> None:
    safe = {"ViewerProtocolPolicy": "https-only"}
    for behaviors, result in (
        ({"Quantity": 0}, "resolved"),
        ({"Quantity": 1}, "error"),
        ({}, "error"),
        (None, "error"),
    ):
        answer = {"DistributionConfig": {"DefaultCacheBehavior": safe, "CacheBehaviors": behaviors}}
        arn = "arn:aws:cloudfront::123456789012:distribution/EDFDVBD632BHDS5"
        assert looked("cloudfront_https", arn, {"GetDistributionConfig": answer}) == result
