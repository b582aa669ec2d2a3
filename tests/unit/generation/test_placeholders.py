import pytest

from iacfix.domain.errors import PatchError
from iacfix.generation.placeholders import check_placeholders

TOP = "--- a/db.tf\n+++ b/db.tf\n@@ -1 +1 @@\n"


def diff(*lines: str) -> str:
    return TOP + "".join(f"{line}\n" for line in lines)


HEAD = ' resource "aws_db_instance" "db" {'
KEPT = '   password = "IACFIX_SECRET_1"'
KEY = ("   key = <<EOF", "   IACFIX_SECRET_1", "   IACFIX_SECRET_2", "   EOF")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((HEAD, KEPT, "+  storage_encrypted = true", " }"), id="context"),
        pytest.param(
            (
                "-" + HEAD[1:], "-" + KEPT[1:], "-}",
                "+" + HEAD[1:], "+" + KEPT[1:], "+  storage_encrypted = true", "+}",
            ),
            id="whole block written anew",
        ),
        pytest.param((HEAD, "-" + KEPT[1:], '+  password          = "IACFIX_SECRET_1"', " }"), id="aligned"),
        pytest.param((HEAD, "-" + KEPT[1:], '+  password = "IACFIX_SECRET_1" # later', " }"), id="comment behind it"),
        pytest.param((HEAD, "-" + KEPT[1:], "+  manage_master_user_password = true", " }"), id="line gone"),
        pytest.param((HEAD, "-" + KEPT[1:], "+  password = var.password", " }"), id="reference"),
        pytest.param((HEAD, "-" + KEPT[1:], '+  password = "${var.password}"', " }"), id="template"),
        pytest.param(
            ('-  env = { A = "IACFIX_SECRET_1", B = "x" }', '+  env = { A = "IACFIX_SECRET_1", B = "y" }'),
            id="behind it on its line",
        ),
        pytest.param((*KEY, "-  a = 1", "+  a = 2"), id="key in the context"),
        pytest.param((*("-" + line[1:] for line in KEY), "+  key = var.key"), id="key gone"),
        pytest.param((*("-" + line[1:] for line in KEY), *("+" + line[1:] for line in KEY), "+  a = 2"), id="key kept"),
        pytest.param((HEAD, '+  kms_key_id = "IACFIX_ID_1"', '+  arn = "IACFIX_ID_1"', " }"), id="names may be referred to"),
    ],
)  # fmt: skip
def test_an_answer_that_leaves_placeholders_alone_passes(lines: tuple[str, ...]) -> None:
    check_placeholders(diff(*lines))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param((HEAD, KEPT, '+  description = "IACFIX_SECRET_1"', " }"), "did not stand", id="copied"),
        pytest.param(
            (HEAD, KEPT, '+  password = "IACFIX_SECRET_1"', " }"), "did not stand", id="copied with its name"
        ),
        pytest.param(
            (HEAD, "-" + KEPT[1:], '+  password = "IACFIX_SECRET_1"', '+  password = "IACFIX_SECRET_1"'),
            "did not stand|once more",
            id="twice",
        ),
        pytest.param(
            (HEAD, "-" + KEPT[1:], '+  description = "IACFIX_SECRET_1"', " }"), "what stands around", id="other name"
        ),
        pytest.param(
            (HEAD, "-" + KEPT[1:], '+  password = "x-IACFIX_SECRET_1"', " }"), "what stands around", id="before"
        ),
        pytest.param(
            (HEAD, "-" + KEPT[1:], '+  password = "IACFIX_SECRET_1x"', " }"), "what stands around", id="behind"
        ),
        pytest.param(
            (HEAD, "-" + KEPT[1:], '+  password = "IACFIX_SECRET_2"', " }"), "another placeholder", id="another"
        ),
        pytest.param(
            (
                HEAD, "-" + KEPT[1:], '-  token = "IACFIX_SECRET_2"',
                '+  password = "IACFIX_SECRET_2"', '+  token = "IACFIX_SECRET_1"',
            ),
            "another placeholder",
            id="exchanged",
        ),
        pytest.param(
            (HEAD, "-" + KEPT[1:], "   a = 1", "   b = 2", '+  password = "IACFIX_SECRET_1"'), "did not stand", id="moved"
        ),
        pytest.param((HEAD, "-" + KEPT[1:], '+  password = ""', " }"), "is gone from a line that stays", id="emptied"),
        pytest.param((HEAD, "-" + KEPT[1:], '+  password = "changeme"', " }"), "is gone from a line", id="made up"),
        pytest.param((HEAD, "-" + KEPT[1:], "+  password = 12345", " }"), "is gone from a line", id="figure"),
        pytest.param((*KEY[:2], "-" + KEY[2][1:], "+  MIIE", KEY[3]), "is gone from a line", id="line of a key"),
        pytest.param((*KEY[:2], "+  IACFIX_SECRET_1", KEY[2], KEY[3]), "did not stand", id="line of a key twice"),
        pytest.param(
            (KEY[0], "-" + KEY[1][1:], "-" + KEY[2][1:], "+" + KEY[2][1:], "+" + KEY[1][1:], KEY[3]),
            "did not stand|another order|another placeholder",
            id="lines of a key in another order",
        ),
        pytest.param((HEAD, '-  a = "IACFIX_CHAR_00202Ex"', '+  b = "IACFIX_CHAR_00202Ex"'), "around", id="character"),
        pytest.param((HEAD, KEPT, "+  # iacfix_secret_1", " }"), "did not stand", id="other case"),
    ],
)  # fmt: skip
def test_a_placeholder_that_is_not_in_its_place_is_refused(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(PatchError, match=said) as error:
        check_placeholders(diff(*lines))

    assert error.value.remedy


def test_a_diff_that_cannot_be_read_is_refused_only_where_a_placeholder_stands_in_it() -> None:
    check_placeholders("I would rather not.")
    with pytest.raises(PatchError, match="no diff found"):
        check_placeholders("I would rather show IACFIX_SECRET_1.")
