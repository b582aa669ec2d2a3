"""Checks of who may do what, of keys and secrets, and of what is recorded."""

from collections.abc import Iterator, Mapping
from typing import Final

from iacfix.verification.answers import ABSENT, Between, Filled, Hold, Is, Node, at, text
from iacfix.verification.asking import Ask, Operation, document, next_page
from iacfix.verification.check import Check, Seen, Source, alike, customer_key
from iacfix.verification.checks.kinds import ACCOUNT, DETECTOR, GROUP, KEY, POLICY, REGION_OF_ACCOUNT, ROLE, TRAIL, USER
from iacfix.verification.checks.sources import OF_KEY, OF_LOG_GROUP, OF_SECRET, OF_TRAIL
from iacfix.verification.policies import allows_everything, public_statement
from iacfix.verification.target import Kind, UnclearError

_MARKER = ("Marker", "Marker")
_PASSWORDS = Source(
    ACCOUNT,
    "iam",
    "GetAccountPasswordPolicy",
    {},
    "PasswordPolicy",
    absent={"NoSuchEntity": "the account has no password policy"},
)
# Kind: the parameter that names it, and the operations that list its policies, attached and its own, and read one.
_HOLDERS: Final[dict[str, tuple[str, str, str, str, str]]] = {
    kind.name: (f"{word}Name", f"Get{word}", f"ListAttached{word}Policies", f"List{word}Policies", f"Get{word}Policy")
    for kind, word in ((USER, "User"), (ROLE, "Role"), (GROUP, "Group"))
}


def _password(name: str, *holds: Hold) -> Check:
    return alike(f"iam_password_{name}", [_PASSWORDS], *holds)


def _attached(ask: Ask) -> list[Node]:
    name, reads, attached, _, _ = _HOLDERS[ask.target.kind.name]
    ask.must("iam", reads, {name: "{id}"})
    return ask.pages("iam", attached, {name: "{id}"}, "AttachedPolicies", _MARKER)


def _inline(ask: Ask) -> list[str]:
    name, _, _, lists, _ = _HOLDERS[ask.target.kind.name]
    found: list[str] = []
    given: dict[str, object] = {}
    while True:
        answer = ask.must("iam", lists, {name: "{id}", **given})
        names = at(answer, "PolicyNames")
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise UnclearError("the answer does not list policies")
        found += names
        marker = next_page(answer, "Marker")
        if not marker:
            return found
        given = {"Marker": marker}


def _no_user_policies(ask: Ask) -> Seen:
    attached, own = len(_attached(ask)), len(_inline(ask))
    return Seen(not attached + own, f"{attached} policies are attached to the user, and it has {own} of its own")


def _no_administrator_access(ask: Ask) -> Seen:
    arns = [text(each, "PolicyArn") for each in _attached(ask)]
    found = [each for each in arns if each.endswith(":iam::aws:policy/AdministratorAccess")]
    return Seen(not found, f"of {len(arns)} attached policies {len(found)} are AdministratorAccess")


def _no_admin_policy(ask: Ask) -> Seen:
    for name, policy in _policies(ask):
        if allows_everything(policy):
            return Seen(resolved=False, said=f"the policy {name} allows every action on every resource")
    return Seen(resolved=True, said="no statement allows every action on every resource")


def _policies(ask: Ask) -> Iterator[tuple[str, Node]]:
    """A managed policy as it is in force, or those that are attached to a user, role or group and those of its own."""
    if ask.target.kind == POLICY:
        yield _in_force("{arn}", ask.must("iam", "GetPolicy", {"PolicyArn": "{arn}"}), ask)
        return
    name, _, _, _, one = _HOLDERS[ask.target.kind.name]
    for attached in _attached(ask):
        arn = text(attached, "PolicyArn")
        yield _in_force(arn, _part(ask, "GetPolicy", {"PolicyArn": arn}), ask)
    for each in _inline(ask):
        found = _part(ask, one, {name: "{id}", "PolicyName": each})
        yield each, document(at(found, "PolicyDocument"))


def _in_force(arn: str, policy: Node, ask: Ask) -> tuple[str, Node]:
    wanted = {"PolicyArn": arn, "VersionId": text(policy, "Policy.DefaultVersionId")}
    return arn.strip("{}"), document(at(_part(ask, "GetPolicyVersion", wanted), "PolicyVersion.Document"))


def _part(ask: Ask, operation: str, parameters: Mapping[str, object]) -> Node:
    """IAM has one code for all that is missing: a policy that went in this moment is not its user that is gone."""
    answer = ask.read("iam", operation, parameters, absent={"NoSuchEntity"})
    if answer is None:
        raise UnclearError("a policy has changed while it was looked at")
    return answer


def _trust(ask: Ask) -> Seen:
    role = ask.must("iam", "GetRole", {"RoleName": "{id}"})
    said = public_statement(document(at(role, "Role.AssumeRolePolicyDocument")))
    return Seen(not said, f"the statement {said} lets everybody take the role on" if said else "nobody unnamed may")


def _no_root_key(ask: Ask) -> Seen:
    keys = at(ask.must("iam", "GetAccountSummary", {}), "SummaryMap.AccountAccessKeysPresent")
    if type(keys) is not int:
        raise UnclearError("the answer does not say whether the root user has access keys")
    return Seen(keys == 0, f"the root user has {keys} access keys")


def _of_holders(*kinds: Kind, own: bool = False, attached: bool = False, read: bool = False) -> frozenset[Operation]:
    found: set[Operation] = set()
    for kind in kinds:
        _, reads, lists_attached, lists_own, one = _HOLDERS[kind.name]
        found |= {("iam", reads)}
        found |= {("iam", lists_attached)} if attached else set()
        found |= {("iam", lists_own)} if own else set()
        found |= {("iam", one)} if read else set()
    return frozenset(found)


def _logging(ask: Ask) -> Seen:
    OF_TRAIL.ask(ask)
    logs = at(ask.must("cloudtrail", "GetTrailStatus", {"Name": "{id}"}), "IsLogging")
    return Seen(logs is True, f"IsLogging is {logs is True}")


def _multi_region(ask: Ask) -> Seen:
    trail = OF_TRAIL.ask(ask)
    everywhere = at(trail, "IsMultiRegionTrail") is True and at(trail, "IncludeGlobalServiceEvents") is True
    logs = at(ask.must("cloudtrail", "GetTrailStatus", {"Name": "{id}"}), "IsLogging") is True
    return Seen(
        everywhere and logs, f"the trail records every region and global services: {everywhere}; it logs: {logs}"
    )


def _key_policy(ask: Ask) -> Seen:
    OF_KEY.ask(ask)
    answer = ask.must("kms", "GetKeyPolicy", {"KeyId": "{id}", "PolicyName": "default"})
    said = public_statement(document(at(answer, "Policy")))
    return Seen(not said, f"the statement {said} lets everybody in" if said else "no statement is for everybody")


def _retention(least: int) -> Check:
    """What says nothing keeps its logs for ever, which is long enough, and is not what the shorter check asks for."""

    def judge(ask: Ask) -> Seen:
        days = at(OF_LOG_GROUP.ask(ask), "retentionInDays")
        if days is ABSENT:
            return Seen(least > 1, "the log group keeps its logs for ever")
        return Seen(type(days) is int and days >= least, f"the log group keeps its logs for {days} days")

    name, told = (
        ("log_retention_year", "for a year or more, or for ever") if least > 1 else ("log_retention", "so long")
    )
    return Check(
        name, f"the log group says that it keeps logs {told}", (OF_LOG_GROUP.kind,), OF_LOG_GROUP.operations, judge
    )


def _rotated_within(ask: Ask) -> Seen:
    secret = OF_SECRET.ask(ask)
    days, schedule = at(secret, "RotationRules.AutomaticallyAfterDays"), at(secret, "RotationRules.ScheduleExpression")
    if at(secret, "RotationEnabled") is not True:
        return Seen(resolved=False, said="the secret is not rotated")
    if isinstance(schedule, str) and not isinstance(days, int):
        raise UnclearError(f"the secret is rotated by {schedule}, which a person has to judge")
    return Seen(type(days) is int and 0 < days < _QUARTER, f"the secret is rotated every {days} days")


_QUARTER = 90
_YEAR = 365
_STATUS = frozenset({("cloudtrail", "GetTrailStatus")})
_NAMES = ("iam_no_admin_policy", "no statement allows every action on every resource")

CHECKS: Final = (
    _password("age", Between("MaxPasswordAge", 1, 90)),
    _password("length", Between("MinimumPasswordLength", 14)),
    _password("lowercase", Is("RequireLowercaseCharacters", value=True)),
    _password("number", Is("RequireNumbers", value=True)),
    _password("reuse", Between("PasswordReusePrevention", 24)),
    _password("symbol", Is("RequireSymbols", value=True)),
    _password("uppercase", Is("RequireUppercaseCharacters", value=True)),
    Check(
        "iam_no_user_policies",
        "the user has no policies, attached or of its own",
        (USER,),
        _of_holders(USER, attached=True, own=True),
        _no_user_policies,
    ),
    Check(
        "iam_no_administrator_access",
        "AdministratorAccess is not among the attached policies",
        (ROLE, USER, GROUP),
        _of_holders(ROLE, USER, GROUP, attached=True),
        _no_administrator_access,
    ),
    Check(
        *_NAMES,
        (POLICY, ROLE, USER, GROUP),
        _of_holders(ROLE, USER, GROUP, own=True, attached=True, read=True)
        | {("iam", "GetPolicy"), ("iam", "GetPolicyVersion")},
        _no_admin_policy,
    ),
    Check(
        "iam_role_trust",
        "no statement of the trust policy lets everybody take the role on",
        (ROLE,),
        frozenset({("iam", "GetRole")}),
        _trust,
    ),
    Check(
        "iam_no_root_access_key",
        "SummaryMap.AccountAccessKeysPresent is 0",
        (ACCOUNT,),
        frozenset({("iam", "GetAccountSummary")}),
        _no_root_key,
    ),
    alike(
        "kms_key_rotation",
        [Source(KEY, "kms", "GetKeyRotationStatus", {"KeyId": "{id}"}, identity="", first=OF_KEY)],
        Is("KeyRotationEnabled", value=True),
    ),
    alike("kms_key_enabled", [OF_KEY], Is("Enabled", value=True), Is("KeyState", "Enabled")),
    Check(
        "kms_key_policy",
        "no statement of the key's policy lets everybody in",
        (KEY,),
        OF_KEY.operations | {("kms", "GetKeyPolicy")},
        _key_policy,
    ),
    Check("cloudtrail_enabled", "IsLogging is true", (TRAIL,), OF_TRAIL.operations | _STATUS, _logging),
    Check(
        "cloudtrail_multi_region",
        "IsMultiRegionTrail, IncludeGlobalServiceEvents and IsLogging are true",
        (TRAIL,),
        OF_TRAIL.operations | _STATUS,
        _multi_region,
    ),
    alike("cloudtrail_log_validation", [OF_TRAIL], Is("LogFileValidationEnabled", value=True)),
    alike("cloudtrail_kms_encryption", [OF_TRAIL], Filled("KmsKeyId")),
    alike("cloudtrail_log_group", [OF_TRAIL], Filled("CloudWatchLogsLogGroupArn")),
    alike("cloudtrail_sns_topic", [OF_TRAIL], Filled("SnsTopicARN")),
    _retention(1),
    _retention(_YEAR),
    customer_key("log_encryption", (OF_LOG_GROUP, "kmsKeyId")),
    alike("secret_rotation", [OF_SECRET], Is("RotationEnabled", value=True)),
    Check(
        "secret_rotation_interval",
        "RotationEnabled is true, and RotationRules.AutomaticallyAfterDays is less than 90",
        (OF_SECRET.kind,),
        OF_SECRET.operations,
        _rotated_within,
    ),
    customer_key("secret_customer_key", (OF_SECRET, "KmsKeyId")),
    alike(
        "ebs_encryption_by_default",
        [Source(REGION_OF_ACCOUNT, "ec2", "GetEbsEncryptionByDefault", {})],
        Is("EbsEncryptionByDefault", value=True),
    ),
    alike(
        "guardduty_enabled",
        [Source(DETECTOR, "guardduty", "GetDetector", {"DetectorId": "{id}"})],
        Is("Status", "ENABLED"),
    ),
)
