"""Checks of S3 buckets."""

from collections.abc import Callable, Mapping
from typing import Final

from iacfix.verification.answers import Each, Filled, Hold, Is, Node, OneOf, Some, at, listed, wrong
from iacfix.verification.asking import Ask, document
from iacfix.verification.check import Check, Seen, alike
from iacfix.verification.check import Source as _Source
from iacfix.verification.checks.kinds import ACCOUNT, BUCKET
from iacfix.verification.policies import public_statement, refuses_without_tls
from iacfix.verification.target import UnclearError

_EVERYBODY = tuple(f"http://acs.amazonaws.com/groups/global/{group}" for group in ("AllUsers", "AuthenticatedUsers"))
FLAGS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_ALL_FLAGS: tuple[Hold, ...] = tuple(Is(flag, value=True) for flag in FLAGS)
_NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"


def _bucket(ask: Ask) -> dict[str, object]:
    """Where the account is known, a bucket of that name that is another's is refused by S3."""
    owner = ask.target.at.account
    return {"Bucket": "{id}", **({"ExpectedBucketOwner": owner} if owner else {})}


def _described(operation: str, item: str = "", absent: Mapping[str, str] | None = None) -> _Source:
    return _Source(BUCKET, "s3", operation, {"Bucket": "{id}"}, item, absent=absent or {}, more=_bucket)


def _open_grant(acl: Node) -> str:
    grants = listed(acl, "Grants")
    if not isinstance(at(acl, "Owner.ID"), str):
        raise UnclearError("the answer is no ACL: it has no owner")
    for grant in grants:
        grantee, kind = at(grant, "Grantee.URI"), at(grant, "Grantee.Type")
        if kind not in ("CanonicalUser", "AmazonCustomerByEmail", "Group"):
            raise UnclearError("a grant of the ACL does not say whom it is for")
        if kind == "Group" and not isinstance(grantee, str):
            raise UnclearError("a grant of the ACL names no group")
        if grantee in _EVERYBODY:
            return f"the ACL grants {at(grant, 'Permission')} to {str(grantee).rpartition('/')[2]}"
    return ""


def _no_open_grant(ask: Ask) -> Seen:
    said = _open_grant(ask.must("s3", "GetBucketAcl", _bucket(ask)))
    return Seen(not said, said or "the ACL has no grant to AllUsers or AuthenticatedUsers")


def _public_access(ask: Ask) -> Seen:
    granted = _open_grant(ask.must("s3", "GetBucketAcl", _bucket(ask)))
    block = ask.read("s3", "GetPublicAccessBlock", _bucket(ask), absent={_NO_BLOCK})
    blocked = "no public access block is set"
    if block is not None:
        configuration = at(block, "PublicAccessBlockConfiguration")
        blocked = wrong(configuration if isinstance(configuration, Mapping) else {}, _ALL_FLAGS)
    said = "; ".join(each for each in (granted, blocked) if each)
    return Seen(not said, said or "the ACL has no grant to everybody, and all four public access blocks are on")


def _by_policy(judge: Callable[[Node, str], Seen], without: Seen) -> Callable[[Ask], Seen]:
    def judged(ask: Ask) -> Seen:
        answer = ask.read("s3", "GetBucketPolicy", _bucket(ask), absent={"NoSuchBucketPolicy"})
        return without if answer is None else judge(document(at(answer, "Policy")), ask.target.names["id"])

    return judged


def _not_public(policy: Node, _bucket_name: str) -> Seen:
    said = public_statement(policy)
    return Seen(
        not said, f"the policy's statement {said} lets everybody in" if said else "no statement is for everybody"
    )


def _tls_only(policy: Node, bucket: str) -> Seen:
    refuses = refuses_without_tls(policy, bucket)
    said = (
        "requests without TLS are denied"
        if refuses
        else "no statement denies everybody all requests without TLS to the bucket and its objects"
    )
    return Seen(refuses, said)


def _lifecycle(ask: Ask) -> Seen:
    missing = {"NoSuchLifecycleConfiguration"}
    answer = ask.read("s3", "GetBucketLifecycleConfiguration", _bucket(ask), absent=missing)
    said = "there is no lifecycle configuration" if answer is None else wrong(answer, _ENABLED_RULE)
    return Seen(not said, said or "a lifecycle rule is enabled")


_ENABLED_RULE: tuple[Hold, ...] = (Some("Rules", (Is("Status", "Enabled"),)),)


def _own(name: str, asserts: str, operations: tuple[str, ...], judge: Callable[[Ask], Seen]) -> Check:
    return Check(name, asserts, (BUCKET,), frozenset(("s3", each) for each in operations), judge)


_DEFAULT = "ApplyServerSideEncryptionByDefault.SSEAlgorithm"
_VERSIONING = _described("GetBucketVersioning")
_ENCRYPTION = _described(
    "GetBucketEncryption",
    "ServerSideEncryptionConfiguration",
    {"ServerSideEncryptionConfigurationNotFoundError": "no default encryption is set"},
)
CHECKS: Final = (
    _own(
        "s3_public_access",
        "no grant of the ACL is to AllUsers or AuthenticatedUsers, and all four public access blocks are true",
        ("GetBucketAcl", "GetPublicAccessBlock"),
        _public_access,
    ),
    _own("s3_acl", "no grant of the ACL is to AllUsers or AuthenticatedUsers", ("GetBucketAcl",), _no_open_grant),
    # aws:kms:dsse is two layers of aws:kms.
    alike("s3_encryption", [_ENCRYPTION], Some("Rules", (OneOf(_DEFAULT, ("AES256", "aws:kms", "aws:kms:dsse")),))),
    alike("s3_encryption_kms", [_ENCRYPTION], Each("Rules", (OneOf(_DEFAULT, ("aws:kms", "aws:kms:dsse")),))),
    alike("s3_versioning", [_VERSIONING], Is("Status", "Enabled")),
    alike("s3_mfa_delete", [_VERSIONING], Is("Status", "Enabled"), Is("MFADelete", "Enabled")),
    alike("s3_access_logging", [_described("GetBucketLogging")], Filled("LoggingEnabled.TargetBucket")),
    alike(
        "s3_object_lock",
        [
            _described(
                "GetObjectLockConfiguration",
                "ObjectLockConfiguration",
                {"ObjectLockConfigurationNotFoundError": "objects are not locked"},
            )
        ],
        Is("ObjectLockEnabled", "Enabled"),
    ),
    alike(
        "s3_acl_disabled",
        [
            _described(
                "GetBucketOwnershipControls",
                "OwnershipControls",
                {"OwnershipControlsNotFoundError": "no ownership controls are set"},
            )
        ],
        Each("Rules", (Is("ObjectOwnership", "BucketOwnerEnforced"),)),
    ),
    alike(
        "s3_replication",
        [
            _described(
                "GetBucketReplication",
                "ReplicationConfiguration",
                {"ReplicationConfigurationNotFoundError": "no replication is set"},
            )
        ],
        Some("Rules", (Is("Status", "Enabled"), Filled("Destination.Bucket"))),
    ),
    _own("s3_lifecycle", "a lifecycle rule is enabled", ("GetBucketLifecycleConfiguration",), _lifecycle),
    _own(
        "s3_policy",
        "no statement of the policy lets everybody in",
        ("GetBucketPolicy",),
        _by_policy(_not_public, Seen(resolved=True, said="the bucket has no policy")),
    ),
    _own(
        "s3_tls_only",
        "the policy denies everybody all requests without TLS, to the bucket and to all its objects",
        ("GetBucketPolicy",),
        _by_policy(_tls_only, Seen(resolved=False, said="the bucket has no policy that denies requests without TLS")),
    ),
    alike(
        "s3_account_public_access",
        [
            _Source(
                ACCOUNT,
                "s3control",
                "GetPublicAccessBlock",
                {"AccountId": "{account}"},
                "PublicAccessBlockConfiguration",
                absent={_NO_BLOCK: "no public access block is set for the account"},
            )
        ],
        *_ALL_FLAGS,
    ),
)
