import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.locators.names import (
    all_name_attributes,
    cloudformation_types,
    name_attributes,
    name_property,
    physical_names,
    terraform_types,
)

HERE = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("terraform", "attributes", "cloudformation", "own"),
    [
        ("aws_s3_bucket", ("bucket",), "AWS::S3::Bucket", "BucketName"),
        ("aws_db_instance", ("identifier",), "AWS::RDS::DBInstance", "DBInstanceIdentifier"),
        ("aws_lambda_function", ("function_name",), "AWS::Serverless::Function", "FunctionName"),
        ("aws_vpc", (), "AWS::EC2::VPC", ""),
        ("aws_nothing", (), "AWS::No::Thing", ""),
        ("AWS::S3::Bucket", (), "aws_s3_bucket", ""),
    ],
)
def test_which_attribute_is_the_name(
    terraform: str, attributes: tuple[str, ...], cloudformation: str, own: str
) -> None:
    assert name_attributes(terraform) == attributes
    assert name_property(cloudformation) == own
    assert all_name_attributes().issuperset(attributes)


@pytest.mark.parametrize(
    ("kind", "identifier", "terraform", "cloudformation"),
    [
        ("AwsS3Bucket", "", "aws_s3_bucket", "AWS::S3::Bucket"),
        ("AWS::S3::Bucket", "", "aws_s3_bucket", "AWS::S3::Bucket"),
        ("", "arn:aws:s3:::logs", "aws_s3_bucket", "AWS::S3::Bucket"),
        ("Other", "arn:aws:s3:::logs", "aws_s3_bucket", "AWS::S3::Bucket"),
        ("AwsSqsQueue", "arn:aws:s3:::logs", "aws_s3_bucket", "AWS::S3::Bucket"),
        ("", "sg-0123456789abcdef0", "aws_security_group", "AWS::EC2::SecurityGroup"),
    ],
)
def test_the_types_behind_a_label_and_an_identifier(
    kind: str, identifier: str, terraform: str, cloudformation: str
) -> None:
    assert terraform in terraform_types(kind, identifier)
    assert cloudformation in cloudformation_types(kind, identifier)


def test_types_that_the_table_does_not_know() -> None:
    assert terraform_types("aws_s3_bucket_policy", "arn:aws:s3:::logs") == ("aws_s3_bucket_policy",)
    assert cloudformation_types("AWS::New::Thing") == ("AWS::New::Thing",)
    assert cloudformation_types("AWS::New") == ()
    assert terraform_types("AwsFooBar") == terraform_types("") == cloudformation_types("") == ()


@pytest.mark.parametrize(
    ("identifier", "name", "names"),
    [
        ("arn:aws:s3:::logs", "", ("logs",)),
        ("arn:aws:s3:::logs", "logs", ("logs",)),
        ("logs", "", ("logs",)),
        ("logs", "shown", ("shown", "logs")),
        ("arn:aws:iam::123456789012:role/services/worker", "services/worker", ("worker",)),
        (
            f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shop/50dc6c495c0c9188",
            "50dc6c495c0c9188",
            ("shop", "50dc6c495c0c9188"),
        ),
        (f"arn:aws:ec2:{HERE}:vpc/vpc-1", "main", ("main", "vpc-1")),
        (f"arn:aws:new:{HERE}:thing/team/app", "", ("app", "team/app", "thing/team/app")),
        (f"arn:aws:new:{HERE}:thing:app", "", ("app", "thing:app")),
        ("AWS::::Account:123456789012", "", ()),
        ("", "", ()),
    ],
)
def test_the_names_that_an_identifier_may_stand_for(identifier: str, name: str, names: tuple[str, ...]) -> None:
    assert physical_names(identifier, name)[:3] == names[:3]
    assert set(names) <= set(physical_names(identifier, name))


@given(st.text(max_size=80), st.text(max_size=20))
def test_any_identifier_has_names_that_stand_in_it(identifier: str, name: str) -> None:
    found = physical_names(identifier, name)
    assert len(set(found)) == len(found)
    assert all(each and (each in identifier or each == name) for each in found)
