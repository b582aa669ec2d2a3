import pytest

from iacfix.iac.cloudformation.detect import is_template


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n  A:\n    Type: AWS::S3::Bucket\n",
        "\ufeffResources:\r\n  A:\r\n    Type: 'AWS::S3::Bucket'\r\n",
        '{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}',
        "Resources:\n  A:\n    DependsOn: [B, {C: D}]\n    Type: Custom::Thing\n",
        "Resources:\n  A:\n    Type: My::Own::Thing\n",
        "x: &x {a: b}\nResources:\n  A:\n    Metadata: *x\n    Type: AWS::S3::Bucket\n",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n",
        "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: [\n",
        "Resources:\n\tA: {Type: 'AWS::S3::Bucket'}\n",
        '{"Resources": {"A": {"Type": "AWS::S3::Bucket"',
    ],
)
def test_templates_are_known_broken_ones_too(text: str) -> None:
    assert is_template(text.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"Resources: {}\n",
        b"Resources:\n  - Type: AWS::S3::Bucket\n",
        b"Resources:\n  A:\n    Kind: 'AWS::S3::Bucket Type'\n",
        b"Outer:\n  Resources:\n    A:\n      Type: AWS::S3::Bucket\n",
        b"Type: AWS::S3::Bucket\nResources: {A: {}}\n",
        b"Resources:\n  A:\n    Properties:\n      Type: AWS::S3::Bucket\n",
        b"# Resources Type AWS::S3::Bucket\n[\n",
        b"apiVersion: v1\nResources:\n  A: {Type: 'a::b'}\n",
    ],
)
def test_other_files_are_not(data: bytes) -> None:
    assert not is_template(data)


def test_deep_nesting_is_judged_by_its_words() -> None:
    assert not is_template(b"{Resources: Type, x::y: " * 500)
