"""Code as text for tests, and an index of it without a disk."""

from collections.abc import Mapping

from iacfix.locators.index import Index, build
from iacfix.locators.instances import Instances
from iacfix.locators.named import NamedBlocks
from iacfix.ports import ListedFile


def block(header: str, **attributes: str) -> str:
    """Attributes as they are to be written: strings with their quotes."""
    lines = "".join(f"  {name} = {text}\n" for name, text in attributes.items())
    return f"{header} {{\n{lines}}}\n"


def bucket(label: str = "logs", **attributes: str) -> str:
    return block(f'resource "aws_s3_bucket" "{label}"', **attributes)


def call(label: str, source: str, **arguments: str) -> str:
    return block(f'module "{label}"', source=f'"{source}"', **arguments)


def variable(name: str, default: str = "") -> str:
    return block(f'variable "{name}"', **({"default": default} if default else {}))


def local(**values: str) -> str:
    return block("locals", **values)


def template(resources: Mapping[str, str], head: str = "") -> str:
    """A CloudFormation template of buckets: logical ids, and their properties in YAML's flow style."""
    found = "".join(
        f"  {name}:\n    Type: AWS::S3::Bucket\n    Properties: {properties}\n"
        for name, properties in resources.items()
    )
    return f"{head}Resources:\n{found}"


def indexed(files: Mapping[str, str]) -> Index:
    return build([ListedFile(path) for path in sorted(files)], lambda path: files[path].encode(), None)


def instances(files: Mapping[str, str]) -> Instances:
    return Instances(indexed(files))


def named(files: Mapping[str, str]) -> NamedBlocks:
    index = indexed(files)
    return NamedBlocks(index, Instances(index))
