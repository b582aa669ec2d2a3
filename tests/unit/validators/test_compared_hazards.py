"""Hazards that both languages share, each with the reason that it gives."""

from collections.abc import Mapping

import pytest
from tests.support.hostile import diff_of, edited, fenced, judged, targets

from iacfix.domain.verdict import Rejected

CASES: Mapping[str, tuple[str, str, Mapping[str, object], bool, str]] = {
    "a comment alone": ("terraform", "trail", {"top": "# done\n"}, False, "nothing that takes effect"),
    "the old value as text": (
        "terraform",
        "database",
        {"replace": ["publicly_accessible     = true", 'publicly_accessible     = "true"']},
        False,
        "nothing that takes effect",
    ),
    "a protection that is off already": (
        "cloudformation",
        "table",
        {"top": "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: false}\n"},
        False,
        "nothing that takes effect",
    ),
    "a policy in another form": (
        "terraform",
        "role",
        {"replace": ['{ AWS = "*" }', '{ AWS = ["*"] }']},
        True,
        "which the finding is not about",
    ),
    "a comment in a template": ("cloudformation", "trail", {"top": "# done\n"}, False, "nothing that takes effect"),
    "a name that is not declared": (
        "terraform",
        "queue",
        {"top": "kms_master_key_id = aws_kms_key.nobody.arn\n"},
        True,
        "aws_kms_key.nobody is referred to, and nothing declares it",
    ),
    "a local that is not declared": (
        "terraform",
        "queue",
        {"top": "kms_master_key_id = local.nobody\n"},
        True,
        "local.nobody is referred to",
    ),
    "a reference that is not declared": (
        "cloudformation",
        "queue",
        {"top": "KmsMasterKeyId: !Ref Nobody\n"},
        True,
        "Nobody is referred to",
    ),
    "a substitution that is not declared": (
        "cloudformation",
        "queue",
        {"top": "KmsMasterKeyId: !Sub '${Nobody.Arn}'\n"},
        True,
        "Nobody is referred to",
    ),
    "look-alike letters": (
        "terraform",
        "trail",
        {"top": "enable_log_file_validati\u043en = true\n"},
        True,
        "letters that only look like others",
    ),
    "look-alike letters in a template": (
        "cloudformation",
        "trail",
        {"top": "Enable\u041bogFileValidation: true\n"},
        True,
        "letters that only look like others",
    ),
    "the key of a stranger": (
        "terraform",
        "queue",
        {"top": 'kms_master_key_id = "arn:aws:kms:us-east-1:999988887777:key/0"\n'},
        True,
        "names the account 999988887777",
    ),
    "the key of a stranger in a template": (
        "cloudformation",
        "queue",
        {"top": "KmsMasterKeyId: arn:aws:kms:us-east-1:999988887777:key/0\n"},
        True,
        "names the account 999988887777",
    ),
    "a secret variable": ("terraform", "queue", {"top": "kms_master_key_id = var.app_token\n"}, True, "shows the secret"),
    "a secret parameter": ("cloudformation", "queue", {"top": "KmsMasterKeyId: !Ref AppToken\n"}, True, "shows the secret"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_with_its_reason(name: str) -> None:
    language, target_name, edit, known, said = CASES[name]
    target = targets(language)[target_name]
    answer = fenced(diff_of(target, edited(target, target.before, [edit])))
    verdict = judged(target, answer, known=known)
    assert isinstance(verdict, Rejected), verdict
    assert verdict.stage == "hazards", verdict.reason
    assert said in verdict.reason


def test_what_the_user_has_configured_is_known() -> None:
    """Through `defaults` of iacfix.yaml: recipes write it, and it is not held against them."""
    target = targets("terraform")["queue"]
    key = "arn:aws:kms:us-east-1:999988887777:key/0"
    answer = fenced(diff_of(target, edited(target, target.before, [{"top": f'kms_master_key_id = "{key}"\n'}])))
    assert isinstance(judged(target, answer), Rejected)
    assert not isinstance(judged(target, answer, defaults={"kms_key": key}), Rejected)
