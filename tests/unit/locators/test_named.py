import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.code import block, bucket, call, local, named, template, variable

from iacfix.iac.entry import Entry
from iacfix.iac.terraform.values import Known, Template, Unknown, Value
from iacfix.locators.named import Named, NamedBlocks, NameTable
from iacfix.locators.patterns import MAX_NAME, MIN_LITERAL, fits

BUCKET = "aws_s3_bucket"


def addresses(found: list[Named]) -> list[str]:
    return [item.entry.address for item in found]


def blocks(*texts: str) -> NamedBlocks:
    return named({"main.tf": "".join(texts)})


def item(value: Value, label: str = "x") -> Named:
    return Named("main.tf", Entry("resource", (BUCKET, label), 0, 1, 1, 1, {}), "bucket", value)


def test_a_name_is_found_only_as_a_whole() -> None:
    names = blocks(bucket("a", bucket='"acme-logs"'), bucket("b", bucket='"acme-logs-2"')).names(BUCKET)
    assert addresses(names.exactly("acme-logs")) == ["aws_s3_bucket.a"]
    for near in ("acme-log", "acme-logs-", "Acme-logs", "acme_logs", "", " acme-logs"):
        assert names.exactly(near) == names.by_pattern(near) == []


def test_an_item_says_how_it_is_named() -> None:
    (found,) = blocks(variable("n", '"acme"'), bucket("a", bucket="var.n")).names(BUCKET).exactly("acme")
    assert (found.path, found.attribute, found.text) == ("main.tf", "bucket", "acme")
    assert item(Template((Known("a"), Unknown("b")))).text == ""


def test_each_type_has_its_own_names() -> None:
    tables = blocks(bucket("a", bucket='"acme"'), block('resource "aws_sqs_queue" "q"', name='"acme"', bucket='"b"'))
    assert addresses(tables.names(BUCKET).exactly("acme")) == ["aws_s3_bucket.a"]
    assert addresses(tables.names("aws_sqs_queue").exactly("acme")) == ["aws_sqs_queue.q"]
    assert tables.names("aws_sqs_queue").exactly("b") == []
    assert tables.names("aws_sns_topic").exactly("acme") == []


def test_data_sources_and_other_blocks_have_no_names() -> None:
    tables = blocks(block('data "aws_s3_bucket" "a"', bucket='"acme"'), block("locals", bucket='"acme"'))
    assert tables.names(BUCKET).exactly("acme") == []


@pytest.mark.parametrize("value", ["null", '""', "3", "true", "[]", '["acme"]', "aws_kms_key.k.id", "f(1)"])
def test_what_is_no_text_is_no_name(value: str) -> None:
    names = blocks(bucket("a", bucket=value)).names(BUCKET)
    for name in ("", "3", "true", "null", "acme", "None"):
        assert names.exactly(name) == names.by_pattern(name) == []


def test_a_resource_that_is_counted_to_none_has_no_name() -> None:
    tables = blocks(
        variable("none", "0"),
        bucket("a", bucket='"acme"', count="0"),
        bucket("b", bucket='"acme"', count="var.none"),
        bucket("c", bucket='"acme"', count="var.none ? 1 : 0"),
        bucket("d", bucket='"acme"', count="1"),
    )
    assert addresses(tables.names(BUCKET).exactly("acme")) == ["aws_s3_bucket.c", "aws_s3_bucket.d"]


def test_each_key_gives_a_name() -> None:
    names = blocks(bucket("a", for_each='toset(["x", "y"])', bucket='"acme-${each.key}"')).names(BUCKET)
    assert addresses(names.exactly("acme-x")) == addresses(names.exactly("acme-y")) == ["aws_s3_bucket.a"]
    assert names.exactly("acme-z") == names.by_pattern("acme-z") == []


def test_a_count_that_is_known_gives_each_name() -> None:
    names = blocks(bucket("a", count="2", bucket='"acme-${count.index}"')).names(BUCKET)
    assert addresses(names.exactly("acme-1")) == ["aws_s3_bucket.a"]
    assert names.exactly("acme-2") == names.by_pattern("acme-2") == []


def test_a_count_that_is_not_known_leaves_a_pattern() -> None:
    names = blocks(bucket("a", count="var.many", bucket='"acme-${count.index}"')).names(BUCKET)
    assert addresses(names.by_pattern("acme-1")) == ["aws_s3_bucket.a"]
    assert names.by_pattern("acme-") == []


@pytest.mark.parametrize(
    ("prefix", "name", "expected"),
    [
        ('"acme-logs-"', "acme-logs-20240101", True),
        ('"acme-logs-"', "acme-logs-", False),
        ('"acme-logs-"', "acme-log", False),
        ('"${var.env}-logs-"', "prod-logs-2024", True),
        ('"${var.env}-logs-"', "-logs-2024", False),
        ('"abc"', "abcd", False),
    ],
)
def test_a_prefix_is_a_pattern_with_an_open_end(prefix: str, name: str, *, expected: bool) -> None:
    names = blocks(bucket("a", bucket_prefix=prefix)).names(BUCKET)
    assert [each.attribute for each in names.by_pattern(name)] == ["bucket_prefix"] * expected
    assert names.exactly(name) == []


def test_the_name_tag_is_a_name_of_its_own() -> None:
    tables = blocks(
        local(all='{ Name = "from-local" }'),
        block('resource "aws_instance" "a"', tags='{ Name = "web" }'),
        block('resource "aws_instance" "b"', tags="merge(var.x, local.all)"),
        block('resource "aws_instance" "c"', tags='{ Name = "web-${var.x}" }'),
        block('resource "aws_instance" "d"', tags='{ name = "web", Owner = "web" }'),
        block('resource "aws_instance" "e"', tags="var.x"),
        block('resource "aws_instance" "f"'),
    )
    tags = tables.tags("aws_instance")
    assert addresses(tags.exactly("web")) == ["aws_instance.a"]
    assert addresses(tags.exactly("from-local")) == ["aws_instance.b"]
    assert addresses(tags.by_pattern("web-1")) == ["aws_instance.c"]
    assert tables.names("aws_instance").exactly("web") == []


def test_a_tag_in_a_module_is_read_with_the_callers_values() -> None:
    files = {
        "main.tf": call("m", "./m", name='"web"'),
        "m/main.tf": variable("name") + block('resource "aws_instance" "a"', tags="{ Name = var.name }"),
    }
    (found,) = named(files).tags("aws_instance").exactly("web")
    assert [site.address for site in found.calls] == ["module.m"]


def test_calls_of_foreign_modules_are_found_by_what_they_are_given() -> None:
    registry = "terraform-aws-modules/s3-bucket/aws"
    tables = blocks(
        variable("n", '"acme-var"'),
        call("a", registry, bucket='"acme-a"', version='"acme-version"'),
        call("b", registry, bucket="var.n"),
        call("c", registry, bucket='"acme-${var.x}"'),
        call("d", "./m", bucket='"acme-a"'),
        call("e", registry, for_each='toset(["k"])', bucket='"acme-${each.key}"'),
        block('module "f"', bucket='"acme-a"'),
        block('module "g"', source="var.n", bucket='"acme-a"'),
    )
    assert addresses(tables.foreign.exactly("acme-a")) == ["module.a"]
    assert addresses(tables.foreign.exactly("acme-var")) == ["module.b"]
    assert addresses(tables.foreign.by_pattern("acme-x")) == ["module.c"]
    assert addresses(tables.foreign.exactly("acme-k")) == ["module.e"]
    assert tables.foreign.exactly(registry) == tables.foreign.exactly("acme-version") == []
    assert tables.foreign.exactly("k") == [], "the arguments of Terraform itself are no names"


def test_tables_are_made_once() -> None:
    tables = blocks(bucket())
    assert tables.names(BUCKET) is tables.names(BUCKET)
    assert tables.tags(BUCKET) is tables.tags(BUCKET)
    assert tables.foreign is tables.foreign


def test_patterns_that_say_nothing_are_left_out_whatever_the_name() -> None:
    table = NameTable(iter([item(Template((Unknown("x"),))), item(Template((Known("abc"), Unknown("x"))))]))
    assert table.by_pattern("abcdef") == []


def test_a_name_longer_than_any_in_aws_costs_nothing() -> None:
    table = NameTable(iter([item(Template((Known("acme"), Unknown("x"))))]))
    assert table.by_pattern("acme" * 10**6) == []
    assert len(table.by_pattern("acme" + "x" * (MAX_NAME - 4))) == 1


def test_override_files_replace_what_names_a_block() -> None:
    files = {
        "main.tf": bucket("a", bucket='"acme-before"', acl="x"),
        "override.tf": bucket("a", bucket='"acme-after"'),
        "m/override.tf": bucket("a", bucket='"acme-elsewhere"'),
    }
    names = named(files).names(BUCKET)
    (found,) = names.exactly("acme-after")
    assert found.path == "main.tf"
    assert names.exactly("acme-before") == names.exactly("acme-elsewhere") == []


TEMPLATE_BUCKET = "AWS::S3::Bucket"


def test_resources_of_templates_have_names_and_tags() -> None:
    resources = {
        "Named": "{ BucketName: acme-logs, Tags: [{ Key: Name, Value: web }] }",
        "Pattern": "{ BucketName: !Sub 'acme-${AWS::Region}-logs', Tags: [{ Key: Name, Value: !Sub 'web-${X}' }] }",
        "Open": "{ BucketName: !Ref Unknown, Tags: [{ Key: Owner, Value: web }] }",
    }
    tables = named({"stack.yaml": template(resources), "main.tf": bucket("a", bucket='"acme-logs"')})
    names, tags = tables.names(TEMPLATE_BUCKET), tables.tags(TEMPLATE_BUCKET)
    assert addresses(names.exactly("acme-logs")) == ["Resources.Named"]
    assert addresses(names.by_pattern("acme-eu-west-1-logs")) == ["Resources.Pattern"]
    assert addresses(tags.exactly("web")) == ["Resources.Named"]
    assert addresses(tags.by_pattern("web-1")) == ["Resources.Pattern"]
    assert addresses(tables.names(BUCKET).exactly("acme-logs")) == ["aws_s3_bucket.a"]


def test_only_what_a_template_leaves_unnamed_is_named_by_its_logical_id() -> None:
    tables = named({"stack.yaml": template({"Logs": "{}", "Data": "{ BucketName: acme }"})})
    assert addresses([*tables.generated(TEMPLATE_BUCKET, "logs")]) == ["Resources.Logs"]
    assert [*tables.generated(TEMPLATE_BUCKET, "data")] == [*tables.generated(TEMPLATE_BUCKET, "log")] == []
    assert [*tables.generated("AWS::SQS::Queue", "logs")] == []


texts = st.text("ab-", min_size=1, max_size=6).map(Known)
patterns = st.lists(st.one_of(st.just(Unknown("x")), texts), min_size=1, max_size=5).map(lambda p: Template(tuple(p)))


@given(st.lists(patterns, max_size=8), st.text("ab-", max_size=16))
def test_the_longest_literal_leads_to_what_a_look_at_every_pattern_finds(made: list[Template], name: str) -> None:
    items = [item(value, f"l{number}") for number, value in enumerate(made)]

    def longest(value: Template) -> int:
        return max((len(str(piece.value)) for piece in value.pieces if isinstance(piece, Known)), default=0)

    slow = [
        each for each, value in zip(items, made, strict=True) if longest(value) >= MIN_LITERAL and fits(value, name)
    ]
    assert sorted(addresses(NameTable(iter(items)).by_pattern(name))) == sorted(addresses(slow))


def test_the_order_of_what_is_found_does_not_change_from_run_to_run() -> None:
    values = [Template((Known(text), Unknown("x"))) for text in ("acme-logs-", "acme-l", "acme-", "acme-logs")]
    found = NameTable(item(value, f"l{number}") for number, value in enumerate(values)).by_pattern("acme-logs-1")
    assert addresses(found) == [f"{BUCKET}.l{number}" for number in (2, 1, 3, 0)]
