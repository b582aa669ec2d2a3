from iacfix.patches.nearest import MAX_SHOWN_CHARACTERS, describe_nearest

FILE = ['resource "aws_s3_bucket" "logs" {', '  bucket = "logs"', "  acl    = var.acl", "}", ""]


def test_other_white_space_is_named_as_the_reason() -> None:
    said = describe_nearest(FILE, ['  bucket = "logs"', "  acl = var.acl"])
    assert said.startswith("White space differs.")
    assert "Line 3 of the file is `  acl    = var.acl` where the hunk has `  acl = var.acl`" in said


def test_tabs_can_be_seen() -> None:
    assert r"'\tb'" in describe_nearest(["a", "\tb"], ["a", "  b"])


def test_the_place_with_most_lines_in_common_is_shown() -> None:
    said = describe_nearest([*FILE, *FILE], ['  bucket = "logs"', "  acl    = private", "}", ""])
    assert "Line 3 of the file is `  acl    = var.acl` where the hunk has `  acl    = private`" in said
    assert '\n2: `  bucket = "logs"`\n3: `  acl    = var.acl`\n' in said


def test_a_line_that_is_nearly_the_same_is_found() -> None:
    said = describe_nearest(FILE, ['resource "aws_s3_bucket" "log" {'])
    assert '1: `resource "aws_s3_bucket" "logs" {`' in said


def test_a_missing_line_shows_what_follows() -> None:
    said = describe_nearest(["a1", "b2", "c3"], ["a1", "c3"])
    assert "Line 2 of the file is `b2` where the hunk has `c3`" in said


def test_lines_beyond_either_end_of_the_file() -> None:
    assert "1: `aaa`" in describe_nearest(["aaa", "bbb"], ["x", "y", "aaa", "bbb", "z"])


def test_nothing_similar_is_said_so() -> None:
    assert describe_nearest(FILE, ["zzzzzzzzzzzz"]) == "Nothing in the file is similar."
    assert describe_nearest([], ["a"]) == "Nothing in the file is similar."


def test_blank_lines_alone_are_no_match_of_white_space() -> None:
    assert "White space" not in describe_nearest(["a"], [" "])


def test_long_lines_are_cut() -> None:
    said = describe_nearest(["start", "x" * 1000], ["start", "y"])
    assert "x" * MAX_SHOWN_CHARACTERS + "…" in said
    assert "x" * (MAX_SHOWN_CHARACTERS + 1) not in said


def test_sensitive_lines_are_not_quoted() -> None:
    said = describe_nearest(
        ['  user = "u"', '  password = "hunter2"'],
        ['  user = "u"', '  password = "hunter3"'],
        lambda line: "password" in line,
    )
    assert "hunter" not in said
    assert "2: (not shown: it may hold a secret)" in said
