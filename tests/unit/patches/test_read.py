import pytest

from iacfix.domain.errors import PatchError
from iacfix.patches import MAX_DIFF_BYTES, FilePatch, read_diff

DIFF = """\
diff --git a/main.tf b/main.tf
index 1111111..2222222 100644
--- a/main.tf
+++ b/main.tf
@@ -1,3 +1,3 @@ resource "x" "y" {
 a
-b
+c
 d
"""
BODY = [" a", "-b", "+c", " d"]


def shown(patch: FilePatch) -> list[list[str]]:
    return [[line.kind + line.text for line in hunk.lines] for hunk in patch.hunks]


def only(text: str) -> list[list[str]]:
    (patch,) = read_diff(text)
    assert patch.path == "main.tf"
    return shown(patch)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(DIFF, id="as git writes it"),
        pytest.param(DIFF.replace("-1,3 +1,3", "-90,1 +7,88"), id="wrong numbers"),
        pytest.param(DIFF.replace('@@ -1,3 +1,3 @@ resource "x" "y" {', "@@"), id="bare @@"),
        pytest.param(DIFF.replace('@@ -1,3 +1,3 @@ resource "x" "y" {', "@@ ... @@"), id="dots for numbers"),
        pytest.param(DIFF.split("\n", 2)[2], id="no git header"),
        pytest.param("\n".join(DIFF.split("\n")[:2] + DIFF.split("\n")[4:]), id="git header alone"),
        pytest.param(DIFF.replace("a/main", "main").replace("b/main", "main"), id="no prefixes"),
        pytest.param(DIFF.replace("+++ b/", "+++ "), id="prefix on the old side only"),
        pytest.param(DIFF.replace("--- a/", "--- "), id="prefix on the new side only"),
        pytest.param(DIFF.replace("main.tf\n", "main.tf\t2026-01-01 10:00:00 +0000\n"), id="time stamps"),
        pytest.param(DIFF.replace("\n", "\r\n"), id="carried with CRLF"),
        pytest.param(f"Sure:\n\n```diff\n{DIFF}```\n- The bucket is private now.\n+ done\n", id="fence and prose"),
        pytest.param(f"````markdown\n```diff\n{DIFF}```\n````\n", id="nested fences"),
        pytest.param(f"~~~~~\n{DIFF}\n\n~~~~~", id="tilde fence after blank lines"),
        pytest.param(f"{DIFF}\nThis is it:\n- one thing\n---\nBye.", id="prose right after"),
        pytest.param(f"{DIFF}-- \n2.39.5 (Apple Git-154)\n\n", id="signature of format-patch"),
        pytest.param(DIFF.rstrip("\n"), id="no newline at the end"),
    ],
)
def test_the_same_hunk_however_it_is_written(text: str) -> None:
    assert only(text) == [BODY]


def test_blank_context_whose_space_was_trimmed_is_context() -> None:
    assert only("--- a/main.tf\n+++ b/main.tf\n@@\n a\n\n+b\n\n c\n\n\n") == [[" a", " ", "+b", " ", " c"]]


def test_blank_context_with_its_space_is_kept_at_the_end() -> None:
    assert only("--- a/main.tf\n+++ b/main.tf\n@@\n a\n+b\n \n\n") == [[" a", "+b", " "]]


def test_removed_and_added_lines_that_look_like_headers_are_content() -> None:
    text = "--- a/main.tf\n+++ b/main.tf\n@@\n a\n--- old comment\n+++ new comment\n b\n"
    assert only(text) == [[" a", "--- old comment", "+++ new comment", " b"]]


def test_a_header_pair_before_a_hunk_starts_the_next_file() -> None:
    first, second = read_diff("--- a/x\n+++ b/x\n@@\n a\n+b\n--- a/y\n+++ b/y\n@@\n c\n-d\n")
    assert (first.path, shown(first)) == ("x", [[" a", "+b"]])
    assert (second.path, shown(second)) == ("y", [[" c", "-d"]])


def test_two_git_files_in_one_diff() -> None:
    paths = [patch.path for patch in read_diff(DIFF + DIFF.replace("main.tf", "modules/other.tf"))]
    assert paths == ["main.tf", "modules/other.tf"]


def test_the_same_file_twice_is_one_file_with_more_hunks() -> None:
    assert only(f"```\n{DIFF}```\nand\n```\n{DIFF.replace('-b', '-e')}```\n") == [BODY, [" a", "-e", "+c", " d"]]


def test_hunks_follow_one_another() -> None:
    assert only(f"{DIFF}@@ -9 +9 @@\n-x\n+y\n") == [BODY, ["-x", "+y"]]


def test_a_path_with_spaces_ends_at_the_tab() -> None:
    (patch,) = read_diff("--- a/my file.tf\t\n+++ b/my file.tf\t\n@@\n-a\n+b\n")
    assert patch.path == "my file.tf"


def test_only_the_missing_newline_tells_line_endings_apart() -> None:
    (patch,) = read_diff("--- a/x\n+++ b/x\n@@\n a\n-b\n\\ No newline at end of file\n+b\n")
    assert [line.ending for line in patch.hunks[0].lines] == ["\n", "", "\n"]


def test_a_hunk_with_some_carriage_returns_tells_line_endings_apart() -> None:
    (patch,) = read_diff("--- a/x\n+++ b/x\n@@\n a\r\n-b\n+c\r\n")
    assert [(line.text, line.ending) for line in patch.hunks[0].lines] == [("a", "\r\n"), ("b", "\n"), ("c", "\r\n")]


@pytest.mark.parametrize("carrier", ["\n", "\r\n"])
def test_a_hunk_in_one_line_ending_leaves_it_to_the_file(carrier: str) -> None:
    (patch,) = read_diff("--- a/x\n+++ b/x\n@@\n a\n-b\n+c\n".replace("\n", carrier))
    assert {line.ending for line in patch.hunks[0].lines} == {None}


def test_unusual_white_space_stays_inside_a_line() -> None:
    assert only("--- a/main.tf\n+++ b/main.tf\n@@\n-a\x0b\x0c\u2028b\rc\n+d\n") == [["-a\x0b\x0c\u2028b\rc", "+d"]]


PAIR = "--- a/main.tf\n+++ b/main.tf\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "no diff found", id="nothing"),
        pytest.param("The bucket is fine.\n---\n+++\n", "no diff found", id="prose"),
        pytest.param(PAIR, "main.tf has a file header but no hunks", id="header alone"),
        pytest.param("diff --git a/x b/x\nindex 1..2 100644\n", "no hunks", id="git header alone"),
        pytest.param("diff --git a/x b/x\n" + DIFF, "no hunks", id="git header alone, then another"),
        pytest.param("@@ -1 +1 @@\n-a\n+b\n", "line 1 of the diff has no file header", id="hunk alone"),
        pytest.param("diff --git a/x b/y\n@@\n-a\n+b\n", "no file header", id="names differ"),
        pytest.param(f"{PAIR}@@\n a\n b\n", "hunk 1 of main.tf changes nothing", id="only context"),
        pytest.param(f"{PAIR}@@\n-a\n+b\n@@\n", "hunk 2 of main.tf changes nothing", id="empty hunk"),
        pytest.param(f"{PAIR}@@\na\n+b\n", "changes nothing; line 4 of the diff ended it", id="no space at once"),
        pytest.param(f"{PAIR}@@\n a\n+b\nc\n+d\n", "line 6 .* but line 7 looks like more", id="no space later"),
        pytest.param(f"{PAIR}@@\n a\n+b\nc\n-  d\n", "line 6 .* but line 7 looks like more", id="removed after prose"),
        pytest.param(f"{PAIR}@@@ -1 -1 +1 @@@\n--a\n++b\n", "combined diff", id="combined"),
        pytest.param("--- a/x\n+++ b/y\n@@\n-a\n+b\n", "two different files", id="two names"),
        pytest.param("--- /dev/null\n+++ b/x\n@@\n+a\n", "creates a file", id="new by /dev/null"),
        pytest.param("--- a/x\n+++ /dev/null\n@@\n-a\n", "deletes a file", id="deleted by /dev/null"),
        pytest.param("diff --git a/x b/x\nnew file mode 100644\n", "creates a file", id="new"),
        pytest.param("diff --git a/x b/x\ndeleted file mode 100644\n", "deletes a file", id="deleted"),
        pytest.param("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "the mode", id="mode"),
        pytest.param("diff --git a/x b/y\nsimilarity index 90%\nrename from x\n", "renames a file", id="similarity"),
        pytest.param("diff --git a/x b/y\nrename from x\nrename to y\n", "renames a file", id="rename"),
        pytest.param("diff --git a/x b/y\r\ncopy from x\r\n", "copies a file", id="copy"),
        pytest.param("diff --git a/x b/x\nGIT binary patch\nliteral 4\n", "binary", id="binary patch"),
        pytest.param("Binary files a/x and b/x differ\n", "binary", id="binary files"),
        pytest.param('--- "a/caf\\303\\251"\n+++ "b/caf\\303\\251"\n@@\n-a\n+b\n', "quoted path", id="quoted"),
        pytest.param('diff --git "a/\\t" "b/\\t"\n', "quoted path", id="quoted in the git header"),
        pytest.param("--- a/x\ud800\n", "not valid Unicode", id="half a character"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, message: str) -> None:
    with pytest.raises(PatchError, match=message) as caught:
        read_diff(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../x.tf", r"`\.\.` part"),
        ("x/../../y.tf", r"`\.\.` part"),
        ("x/./y.tf", r"`\.` or"),
        ("x//y.tf", "empty"),
        ("/etc/passwd", "absolute"),
        ("C:/x.tf", "absolute"),
        ("..\\y.tf", r"`\.\.` part|backslash"),
        ("\\\\evil\\y.tf", "absolute|backslash"),
        ("x\x1by.tf", "control"),
        ("x\u202ey.tf", "control"),
        ("", "is empty"),
    ],
)
@pytest.mark.parametrize("header", ["--- a/{0}\n+++ b/{0}\n", "diff --git a/{0} b/{0}\n"])
def test_paths_that_lead_elsewhere_are_refused(header: str, path: str, reason: str) -> None:
    with pytest.raises(PatchError, match=reason):
        read_diff(header.format(path) + "@@\n-a\n+b\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("./d/x.tf", "./d/x.tf"),
        ("a/./d/x.tf", "b/./d/x.tf"),
        ("a\\d\\x.tf", "b\\d\\x.tf"),
        (".\\d\\x.tf", ".\\d\\x.tf"),
        ("old/d/x.tf", "new/d/x.tf"),
        ("original/d/x.tf", "modified/d/x.tf"),
        ("`a/d/x.tf`", "`b/d/x.tf`"),
    ],
)
def test_a_path_in_another_dress_is_the_same(old: str, new: str) -> None:
    (patch,) = read_diff(f"--- {old}\n+++ {new}\n@@\n-a\n+b\n")
    assert patch.path == "d/x.tf"


@pytest.mark.parametrize("mark", ["```", "~~~~"])
@pytest.mark.parametrize("indent", ["  ", "      ", "\t"])
def test_a_fence_that_is_set_in(mark: str, indent: str) -> None:
    inside = "".join(f"{indent}{line}\n" for line in DIFF.splitlines())
    assert only(f"1. So:\n\n{indent}{mark}diff\n{inside}{indent}{mark}\n") == [BODY]
    assert only(f"1. So:\n\n{indent}{mark}diff\n{DIFF}{indent}{mark}\n") == [BODY]


def test_a_fence_within_the_context_is_context() -> None:
    text = "--- a/main.tf\n+++ b/main.tf\n@@\n  ```sh\n-b\n+c\n  ```\n"
    assert only(text) == [["  ```sh".replace("  ", "  ", 1), "-b", "+c", "  ```"]]


def test_the_size_limit() -> None:
    full = DIFF + "." * (MAX_DIFF_BYTES - len(DIFF))
    assert only(full) == [BODY]
    with pytest.raises(PatchError, match="more than 1048576"):
        read_diff(full + ".")
