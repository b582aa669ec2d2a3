"""Settings that a fix never gives up, whatever the finding: they protect something else."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from iacfix.iac.terraform.document import Attribute, Block
from iacfix.iac.terraform.syntax import text_of
from iacfix.iac.terraform.values import Known
from iacfix.validators import create_only, permissions

GUARDS = frozenset(
    {
        "block_public_acls",
        "block_public_policy",
        "deletion_protection",
        "enable_key_rotation",
        "encrypted",
        "ignore_public_acls",
        "iam_database_authentication_enabled",
        "is_enabled",
        "kms_encrypted",
        "prevent_destroy",
        "restrict_public_buckets",
        "storage_encrypted",
    }
)
OPENINGS = frozenset(
    {
        "associate_public_ip_address",
        "force_destroy",
        "map_public_ip_on_launch",
        "publicly_accessible",
        "skip_final_snapshot",
    }
)
RUNS = frozenset({"user_data", "user_data_base64"})
# Another name makes another resource: Terraform replaces the old one, and what is in it goes.
IDENTITY = frozenset(
    {
        "ami",
        "bucket",
        "bucket_prefix",
        "cluster_identifier",
        "db_name",
        "engine",
        "function_name",
        "identifier",
        "identifier_prefix",
        "key_usage",
        "name",
        "name_prefix",
        "username",
    }
)
# What the provider cannot change in place, beside names and what create_only.py knows: a fix of it is a migration, and
# a person plans it.
REPLACING: Mapping[str, tuple[str, ...]] = {
    "aws_db_instance": ("kms_key_id", "storage_encrypted"),
    "aws_ebs_volume": ("availability_zone", "encrypted", "kms_key_id"),
    "aws_ecr_repository": ("encryption_configuration",),
    "aws_efs_file_system": ("encrypted", "kms_key_id"),
    "aws_elasticache_replication_group": ("at_rest_encryption_enabled", "kms_key_id"),
    "aws_instance": ("associate_public_ip_address", "ebs_block_device", "root_block_device.encrypted", "subnet_id"),
    "aws_rds_cluster": ("kms_key_id", "storage_encrypted"),
    "aws_redshift_cluster": ("cluster_subnet_group_name",),
}
_NETWORKS = re.compile(rb"0\.0\.0\.0/0|::/0")
_WILDCARDS = (re.compile(rb'"\*"'), re.compile(rb'"(?:[\w-]+:)?\*"'))  # a narrower one in its place is none more


def weakened(before: Block, after: Block) -> str:
    """What the change gives up, or ""."""
    old, new = dict(_settings(before)), dict(_settings(after))
    for path in {**old, **new}:
        was, now, name = old.get(path), new.get(path), path.rpartition(".")[2]
        if name in GUARDS and _on(was) and not _on(now):
            return f"{path} is given up"
        if name in OPENINGS and _on(now) and not _on(was):
            return f"{path} is switched on"
        if name in RUNS and _written(was) != _written(now):
            return f"{path} is changed"
        if _makes_another(path, after.labels[0]) and _written(was) != _written(now):
            return f"{path} is changed, which replaces the resource and what is in it"
        if (path,) in create_only.attributes(after.labels[0]) and _written(was) != _written(now):
            return f"{path} is changed, which AWS does not do in place: the resource may be replaced with what is in it"
    text, earlier = text_of(after.node), text_of(before.node)
    if Counter(_NETWORKS.findall(text)) - Counter(_NETWORKS.findall(earlier)):
        return "every address is let in"
    if _is_first_policy_of_a_key(before, after):
        return ""
    if any(len(each.findall(text)) > len(each.findall(earlier)) for each in _WILDCARDS):
        return "a permission gets a wildcard"
    return ""


def _is_first_policy_of_a_key(before: Block, after: Block) -> bool:
    """Without a policy of its own the account that owns a key may do everything with it; written out, it says so."""
    policy = after.attribute("policy")
    return (
        after.labels[:1] == ("aws_kms_key",)
        and before.attribute("policy") is None
        and policy is not None
        and permissions.is_only_for_named(policy.value)
        and all(
            Counter(each.findall(text_of(after.node)))
            == Counter(each.findall(text_of(before.node))) + Counter(each.findall(text_of(policy.node)))
            for each in _WILDCARDS
        )
    )


def _makes_another(path: str, resource_type: str) -> bool:
    fixed = (*IDENTITY, *REPLACING.get(resource_type, ()))
    return any(path == name or path.startswith((f"{name}.", f"{name}[")) for name in fixed)


def _settings(block: Block, path: str = "") -> Iterator[tuple[str, Attribute]]:
    for attribute in block.attributes:
        yield path + attribute.name, attribute
    for name in dict.fromkeys(inner.keyword for inner in block.blocks):
        for index, inner in enumerate(block.nested(name)):
            yield from _settings(inner, f"{path}{name}[{index}]." if index else f"{path}{name}.")


def _on(attribute: Attribute | None) -> bool:
    return attribute is not None and isinstance(attribute.value, Known) and attribute.value.value in (True, "true")


def _written(attribute: Attribute | None) -> bytes:
    return b"" if attribute is None else text_of(attribute.node).partition(b"=")[2].strip()
