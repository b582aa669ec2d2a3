import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.code import block, bucket, call, indexed, local, variable

from iacfix.adapters.index_cache import SqliteIndexCache
from iacfix.domain.errors import InputError
from iacfix.locators.index import Index, blob_id, build
from iacfix.ports import CachedFile, ListedFile

TEMPLATE = "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: acme-logs\n"


class Files:
    """What a source tree reads, and which files it was asked for."""

    def __init__(self, texts: Mapping[str, str | bytes]) -> None:
        self.texts = {path: text.encode() if isinstance(text, str) else text for path, text in texts.items()}
        self.asked: list[str] = []

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        if path not in self.texts:
            raise InputError(f"{path!r} cannot be read")
        return self.texts[path]

    def listing(self, *, blobs: bool = True) -> list[ListedFile]:
        """As git tells it of a clean work tree, or as a folder without git."""
        return [
            ListedFile(path, blob_id(data), len(data)) if blobs else ListedFile(path)
            for path, data in sorted(self.texts.items())
        ]

    def index(self, cache: SqliteIndexCache | None = None, *, blobs: bool = True) -> Index:
        return build(self.listing(blobs=blobs), self.read, cache)

    def asked_since(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def cache(tmp_path: Path) -> SqliteIndexCache:
    return SqliteIndexCache(tmp_path / "iacfix" / "index.sqlite", "1")


def addresses(index: Index, path: str = "main.tf") -> list[str]:
    return [entry.address for entry in index.file(path)]


def test_every_block_is_known_with_its_place() -> None:
    text = "# head\n" + bucket("a") + 'provider "aws" {\n  alias = "west"\n}\n' + variable("v") + call("m", "./m")
    index = indexed({"main.tf": text})
    assert addresses(index) == ["aws_s3_bucket.a", "provider.aws.west", "var.v", "module.m"]
    entry = index.file("main.tf")[0]
    assert (entry.start_line, entry.end_line) == (2, 3)
    assert text[entry.start : entry.end] == bucket("a").strip()


def test_of_a_resource_only_what_names_it_is_kept() -> None:
    kept = {"bucket": '"b"', "tags": "{}", "count": "1", "for_each": "{}", "bucket_prefix": '"p"'}
    (entry,) = indexed({"main.tf": bucket("a", **kept, acl='"private"', policy="x")}).file("main.tf")
    assert entry.texts == kept


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (variable("v", '"x"'), {"default": '"x"'}),
        (local(a="1", b='"x"'), {"a": "1", "b": '"x"'}),
        (call("m", "./m", x="var.x"), {"source": '"./m"', "x": "var.x"}),
        (block('data "aws_ami" "a"', name='"x"'), {}),
        ('locals { a = "one line" }\n', {"a": '"one line"'}),
        ('resource "aws_s3_bucket" "a" { bucket = "one line" }\n', {"bucket": '"one line"'}),
        ('variable "v" { default = "one line" }\n', {"default": '"one line"'}),
        ('provider "aws" { alias = "one" }\n', {"alias": '"one"'}),
        (f'locals {{ a = "{"x" * 3000}" }}\n', {"a": ""}),
        (local(a=f'"{"x" * 3000}"'), {"a": ""}),
    ],
)
def test_of_other_blocks_what_names_depend_on(text: str, texts: dict[str, str]) -> None:
    (entry,) = indexed({"main.tf": text}).file("main.tf")
    assert entry.texts == texts


@pytest.mark.parametrize("text", ['a = "x"\nb = 1\n', 'a = "x" # ${\nb = 1\n', '\ufeffa = "x"\nb = 1'])
def test_a_variable_file_is_one_entry_without_keyword(text: str) -> None:
    (entry,) = indexed({"a.tfvars": text}).file("a.tfvars")
    assert (entry.keyword, entry.labels, entry.texts) == ("", (), {"a": '"x"', "b": "1"})


def test_json_and_templates_are_known_too() -> None:
    json = '{"resource": {"aws_s3_bucket": {"a": {"bucket": "acme"}}}}'
    files = {"main.tf.json": json, "v.tfvars.json": '{"a": "x"}', "stack.yaml": TEMPLATE, "values.yaml": "a: 1\n"}
    index = indexed(files)
    assert addresses(index, "main.tf.json") == ["aws_s3_bucket.a"]
    assert [entry.texts for entry in index.file("v.tfvars.json")] == [{"a": '"x"'}]
    assert addresses(index, "stack.yaml") == ["Resources.Logs"]
    assert index.file("values.yaml") == ()
    assert index.unread == {}
    assert index.folders == {"": ("main.tf.json", "v.tfvars.json")}


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("broken.tf", bucket() + 'resource "a" {', "broken.tf:3"),
        ("broken.tf", "a b c\n", "broken.tf:1"),
        ("broken.tf", b"\n\xff\n", "broken.tf"),
        ("broken.tfvars", "a = 1\nb = [1\n", "broken.tfvars:"),
        ("broken.tf.json", "{", "broken.tf.json"),
        ("broken.yaml", TEMPLATE + "  More: [\n", "broken.yaml:7"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_line_and_reason_and_costs_the_others_nothing(
    cache: SqliteIndexCache, path: str, text: str | bytes, words: str
) -> None:
    files = Files({"main.tf": bucket("a"), path: text})
    for _ in range(2):  # the second time out of the cache
        index = files.index(cache)
        assert list(index.unread) == [path]
        assert index.unread[path].startswith(words)
        assert len(index.unread[path]) > len(words) + 5
        assert index.file(path) == ()
        assert addresses(index) == ["aws_s3_bucket.a"]
    assert files.asked_since().count(path) == 1


def test_a_file_that_is_gone_when_it_is_read_is_named(cache: SqliteIndexCache) -> None:
    files = Files({"main.tf": bucket("a")})
    index = build([*files.listing(), ListedFile("gone.tf")], files.read, cache)
    assert index.unread == {"gone.tf": "'gone.tf' cannot be read"}
    assert "gone.tf" not in cache.load()


def test_blocks_are_found_by_kind_and_first_label() -> None:
    queue = block('resource "aws_sqs_queue" "q"', name='"[\\"resource\\",[\\"aws_s3_bucket\\""')
    index = indexed({"a.tf": bucket("a") + queue, "b/b.tf": bucket("b") + block('data "aws_s3_bucket" "d"')})
    found = [(path, entry.address) for path, entry in index.blocks("resource", "aws_s3_bucket")]
    assert found == [("a.tf", "aws_s3_bucket.a"), ("b/b.tf", "aws_s3_bucket.b")]
    assert [entry.address for _, entry in index.blocks("resource")] == [
        "aws_s3_bucket.a",
        "aws_sqs_queue.q",
        "aws_s3_bucket.b",
    ]
    assert list(index.blocks("resource", "aws_s3")) == list(index.blocks("module")) == []


def test_the_entries_of_a_folder_are_those_of_its_own_files_in_their_order() -> None:
    index = indexed({"m/b.tf": bucket("b"), "m/a.tf": bucket("a"), "main.tf": bucket("c"), "m/n/x.tf": bucket("d")})
    assert [(path, entry.labels[1]) for path, entry in index.entries("m")] == [("m/a.tf", "a"), ("m/b.tf", "b")]
    assert [path for path, _ in index.entries("")] == ["main.tf"]
    assert list(index.entries("nowhere")) == []


def test_overrides_of_a_block_are_those_in_override_files_of_its_folder() -> None:
    texts = {"main.tf": bucket("a"), "override.tf": bucket("a") + bucket("b"), "x_override.tf": bucket("a")}
    index = indexed({**texts, "m/override.tf": bucket("a")})
    found = [path for path, _ in index.overrides("", "resource", ("aws_s3_bucket", "a"))]
    assert found == ["override.tf", "x_override.tf"]


# Between runs


def test_what_git_holds_unchanged_is_not_read_again(cache: SqliteIndexCache) -> None:
    files = Files({"main.tf": bucket("a"), "b.tf": bucket("b"), "stack.yaml": TEMPLATE})
    first = files.index(cache)
    assert sorted(files.asked_since()) == ["b.tf", "main.tf", "stack.yaml"]
    again = files.index(cache)
    assert files.asked_since() == []
    for path in files.texts:
        assert again.file(path) == first.file(path) != ()


def test_without_git_every_file_is_read_and_an_unchanged_one_not_parsed(cache: SqliteIndexCache) -> None:
    files = Files({"main.tf": bucket("a")})
    files.index(cache, blobs=False)
    held = cache.load()
    assert addresses(files.index(cache, blobs=False)) == ["aws_s3_bucket.a"]
    assert files.asked_since() == ["main.tf"] * 2
    assert cache.load() == held


@pytest.mark.parametrize("blobs", [True, False])
def test_what_has_changed_is_read_and_what_is_gone_is_forgotten(cache: SqliteIndexCache, *, blobs: bool) -> None:
    files = Files({"main.tf": bucket("a"), "b.tf": bucket("b")})
    files.index(cache, blobs=blobs)
    files.texts["main.tf"] = bucket("z").encode()  # of the same length
    del files.texts["b.tf"]
    index = files.index(cache, blobs=blobs)
    assert addresses(index) == ["aws_s3_bucket.z"]
    assert index.file("b.tf") == ()
    assert list(cache.load()) == ["main.tf"]


def test_a_file_whose_size_is_not_the_held_one_is_read(cache: SqliteIndexCache) -> None:
    """Git's stat cache says unchanged for a file under a filter, whose content on disk is another."""
    files = Files({"main.tf": bucket("a")})
    files.index(cache)
    files.asked_since()
    blob = blob_id(files.texts["main.tf"])
    build([ListedFile("main.tf", blob, 3)], files.read, cache)
    assert files.asked_since() == ["main.tf"]


HOSTILE = [
    "", "{", "null", "1", "true", "{}x", '{"a": 1}', "[1]", "[null]", '["resource"]', "[[]]", "[[1, 2, 3, 4, 5, 6, 7]]",
    '[["resource",["aws_s3_bucket","x"],0,1,1,1]]',
    '[["resource",["aws_s3_bucket","x"],0,1,1,1,[]],1]',
    '[["resource",1,0,1,1,1,{}]]',
    '[["resource",["aws_s3_bucket","x"],0,1,1,1,"x"]]',
    "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("entries", HOSTILE)
def test_entries_that_are_none_are_read_anew(cache: SqliteIndexCache, entries: str) -> None:
    files = Files({"main.tf": bucket("a")})
    data = files.texts["main.tf"]
    cache.store({"main.tf": CachedFile(blob_id(data), len(data), entries)}, [])
    index = files.index(cache)
    assert addresses(index) == ["aws_s3_bucket.a"]
    assert [entry.address for _, entry in index.blocks("resource", "aws_s3_bucket")] == ["aws_s3_bucket.a"]


WRONG_KINDS = [
    '[["resource",["aws_s3_bucket","x"],"0",1,1,1,{}]]',
    '[["resource",["aws_s3_bucket",1],0,1,1,1,{}]]',
    '[["resource",["aws_s3_bucket","x"],0,1,1,1,{"bucket":1}]]',
    '[["resource",["aws_s3_bucket","x"],0,1,1,1,{"bucket":[]}]]',
    '[["resource","ab",0,1,1,1,{}]]',
    '[[1,["aws_s3_bucket","x"],0,1,1,1,{}]]',
    '[["Resources",["AWS::S3::Bucket"],0,1,1,1,{}]]',
]


@pytest.mark.parametrize("entries", WRONG_KINDS)
def test_entries_of_the_wrong_kinds_are_read_anew(cache: SqliteIndexCache, entries: str) -> None:
    files = Files({"main.tf": bucket("a")})
    data = files.texts["main.tf"]
    cache.store({"main.tf": CachedFile(blob_id(data), len(data), entries)}, [])
    assert addresses(files.index(cache)) == ["aws_s3_bucket.a"]


@pytest.mark.parametrize("entries", ['"half', '"\\u12', '"'])
def test_a_damaged_reason_is_no_crash(cache: SqliteIndexCache, entries: str) -> None:
    files = Files({"main.tf": bucket("a")})
    data = files.texts["main.tf"]
    cache.store({"main.tf": CachedFile(blob_id(data), len(data), entries)}, [])
    assert files.index(cache).unread == {"main.tf": "the file could not be read when it was indexed"}


@given(st.binary(max_size=300))
def test_a_blob_is_named_as_git_names_it(data: bytes) -> None:
    command = ["git", "hash-object", "--stdin"]
    assert blob_id(data) == subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode().strip()


# Changes that are laid over


def replaced(before: str, after: str) -> tuple[bool, Index]:
    index = indexed({"main.tf": before, "other.tf": bucket("other")})
    return index.replaced("main.tf", after.encode()), index


@pytest.mark.parametrize(
    ("change", "more"),
    [
        (lambda text: "# a line\n\n" + text, False),
        (lambda text: text.replace("acl = 1", "acl = 2\n  policy = 3"), False),
        (lambda text: text.replace('"x"', '"y"'), True),
        (lambda text: text.replace('"a"', '"b"'), True),
        (lambda text: text + variable("new"), True),
        (lambda _: "", True),
        (lambda _: "resource {", True),
    ],
)
def test_a_change_says_whether_more_than_places_has_changed(change: Callable[[str], str], *, more: bool) -> None:
    before = bucket("a", bucket='"x"', acl="1")
    changed, index = replaced(before, change(before))
    assert changed is more
    assert addresses(index, "other.tf") == ["aws_s3_bucket.other"]


def test_after_a_change_places_are_the_new_ones() -> None:
    _, index = replaced(bucket("a"), "\n\n" + bucket("a"))
    assert index.file("main.tf")[0].start_line == 3
    assert [entry.start_line for path, entry in index.blocks("resource") if path == "main.tf"] == [3]


def test_a_file_that_a_change_breaks_is_unread_until_another_mends_it() -> None:
    changed, index = replaced(bucket("a"), 'resource "a" {')
    assert changed
    assert list(index.unread) == ["main.tf"]
    assert index.file("main.tf") == ()
    assert index.replaced("main.tf", bucket("a").encode())
    assert index.unread == {}
    assert addresses(index) == ["aws_s3_bucket.a"]


def test_a_new_file_belongs_to_its_folder() -> None:
    index = indexed({"main.tf": bucket("a")})
    assert set(index.folders) == {""}
    assert index.replaced("m/new.tf", bucket("b").encode())
    assert index.folders["m"] == ("m/new.tf",)
    assert [path for path, _ in index.blocks("resource")] == ["main.tf", "m/new.tf"]
