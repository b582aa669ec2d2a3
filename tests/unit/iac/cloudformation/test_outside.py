import pytest

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.outside import local_path
from iacfix.iac.values import Known, Reference, Value

TEMPLATE = """Transform: [AWS::Serverless-2016-10-31, MyMacro, {Name: AWS::Include, Parameters: {}}]
Resources:
  Fn::ForEach::Topics:
    - Name
    - [A, B]
    - Topic${Name}: {Type: AWS::SNS::Topic}
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/x}}
  A:
    Type: AWS::S3::Bucket
    Properties:
      Fn::Transform:
        Name: Other
      Inline: !Transform {Name: Third}
      Odd: !Transform {Name: !Ref X}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ../net/vpc.yaml}
  Remote:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Sub 'https://${B}/x.yaml'}
  App:
    Type: AWS::Serverless::Application
    Properties: {Location: app.yaml}
  Part:
    Type: My::Own::Thing::MODULE
"""


def test_everything_that_is_not_followed_is_named_with_its_line() -> None:
    document = CloudFormationDocument.read("stacks/main.yaml", TEMPLATE.encode())
    assert [(each.line, each.what) for each in document.not_followed] == [
        (1, "Transform AWS::Include"),
        (1, "Transform MyMacro"),
        (3, "Fn::ForEach::Topics"),
        (7, "Fn::Transform AWS::Include"),
        (11, "Fn::Transform Other"),
        (13, "Fn::Transform Third"),
        (14, "Fn::Transform of unknown name"),
        (15, "nested stack Resources.Child"),
        (18, "nested stack Resources.Remote"),
        (21, "nested stack Resources.App"),
        (24, "module Resources.Part"),
    ]
    assert [(stack.address, stack.path) for stack in document.nested_stacks] == [
        ("Resources.Child", "net/vpc.yaml"),
        ("Resources.Remote", ""),
        ("Resources.App", "stacks/app.yaml"),
    ]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (Known("x.yaml"), "a/x.yaml"),
        (Known("./b/../x.yaml"), "a/x.yaml"),
        (Known("../../x.yaml"), ""),
        (Known("/etc/x"), ""),
        (Known("https://h/x"), ""),
        (Known("b\\x"), ""),
        (Known(""), ""),
        (Known(3), ""),
        (Reference(("X",)), ""),
    ],
)
def test_a_local_path_stays_in_the_repository(url: Value, path: str) -> None:
    assert local_path("a/t.yaml", url) == path
