import pytest

from iacfix.iac.cloudformation.document import CloudFormationDocument, Resource
from iacfix.validators.cloudformation.weakening import weakened


def resource(properties: str, kind: str = "AWS::X::Y") -> Resource:
    text = f"Resources:\n  R:\n    Type: {kind}\n    Properties: {properties}\n"
    return CloudFormationDocument.read("t.yaml", text.encode()).resources["R"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{DeletionProtection: true}", "{DeletionProtection: false}", "given up"),
        ("{DeletionProtection: true}", "{}", "given up"),
        ("{DeletionProtection: !If [C, true, false]}", "{DeletionProtection: !If [C, false, true]}", "given up"),
        ("{DeletionProtection: true}", "{DeletionProtection: !FindInMap [M, a, b]}", "given up"),
        ("{KmsMasterKeyId: !Ref A}", "{KmsMasterKeyId: !GetAtt B.Arn}", ""),
        ("{KmsMasterKeyId: alias/a}", "{KmsMasterKeyId: ''}", "given up"),
        ("{A: {Encrypted: !Ref P}}", "{A: {}}", "given up"),
        ("{DeletionProtection: false}", "{DeletionProtection: true}", ""),
        ("{PubliclyAccessible: false}", "{PubliclyAccessible: true}", "switched on"),
        ("{}", "{PubliclyAccessible: !Ref P}", "switched on"),
        ("{L: [{A: 1}]}", "{L: [{A: 1, AssociatePublicIpAddress: true}]}", "switched on"),
        ("{PubliclyAccessible: true}", "{PubliclyAccessible: false}", ""),
        ("{Code: {ZipFile: a}}", "{Code: {ZipFile: b}}", "Code.ZipFile is changed"),
        ("{UserData: a}", "{}", "UserData is changed"),
        ("{QueueName: a}", "{QueueName: b}", "replaces the resource"),
        ("{A: {Name: a}}", "{A: {Name: b}}", ""),
        ("{P: [{Resource: a}]}", "{P: [{Resource: '*'}]}", "wildcard"),
        ("{P: [{Action: 's3:Get'}]}", "{P: [{Action: 's3:*'}]}", "wildcard"),
        ("{P: [{Action: 's3:*'}]}", "{P: [{Action: 's3:Get'}]}", ""),
        ("{I: [{CidrIp: 10.0.0.0/8}]}", "{I: [{CidrIp: 0.0.0.0/0}]}", "every address"),
        ("{I: [{CidrIpv6: 'fc00::/7'}]}", "{I: [{CidrIpv6: '::/0'}]}", "every address"),
        ("{I: [a]}", "{I: [a, !Join ['', ['*']]]}", "wildcard"),
    ],
)
def test_what_protects_is_never_given_up(before: str, after: str, said: str) -> None:
    found = weakened(resource(before), resource(after))
    assert (said in found) if said else not found


def test_what_cannot_be_changed_in_place_is_not_changed() -> None:
    old, new = (
        resource("{StorageEncrypted: false}", "AWS::RDS::DBInstance"),
        resource("{StorageEncrypted: true}", "AWS::RDS::DBInstance"),
    )
    assert "replaces" in weakened(old, new)
    assert "replaces" not in weakened(resource("{StorageEncrypted: false}"), resource("{StorageEncrypted: true}"))


def test_what_is_new_may_have_any_name_and_no_wildcard() -> None:
    assert weakened(None, resource("{QueueName: a, Code: b}")) == ""
    assert "wildcard" in weakened(None, resource("{P: '*'}"))
