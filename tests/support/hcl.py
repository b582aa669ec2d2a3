"""Terraform files as hypothesis makes them up: every kind of block, value and comment, oddly laid out but legal."""

from hypothesis import strategies as st

NAMES = st.sampled_from(["x", "name", "bucket", "tags", "größe", "a-b", "for_each", "source"])
COMMENTS = st.sampled_from(["", " # c }", " // c {", ' /* " */', " # größe"])
TEXTS = st.sampled_from(["", "a", "ü{}", "a  b", '\\"', "\\n", "$${x}", "%%{y}", "#", "//", "/*", "<<EOF", "$", "\\\\"])
PLAIN = st.sampled_from(
    ["1", "-1", "1.5", "1e10", "true", "null", "var.x", "a.b[0].c", "a.*.c", "a[*].c", "(1 + 2)", "f(x, y...)", "x ? 1 : 2"]
)  # fmt: skip


def quoted(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pieces = st.one_of(TEXTS, inner.map(lambda value: f"${{{value}}}" if "\n" not in value else "z"))
    return st.lists(pieces, max_size=3).map(lambda found: '"' + "-".join(found) + '"')


def heredocs(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lines = st.one_of(
        st.sampled_from(["", "  a", "}", '"', "# c", "%{ if true }y%{ endif }", "EOFF"]),
        inner.map(lambda value: f"  ${{{value}}}" if "\n" not in value else "z"),
    )
    return st.tuples(st.sampled_from(["<<", "<<-"]), st.lists(lines, max_size=3)).map(
        lambda found: "\n".join([f"{found[0]}EOF", *found[1], "EOF"])
    )


def _composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    flat = inner.filter(lambda value: not value.endswith("EOF"))
    return st.one_of(
        quoted(inner),
        st.lists(flat, max_size=3).map(lambda found: "[" + ", ".join(found) + "]"),
        st.lists(inner, max_size=2).map(lambda found: "[\n" + "".join(f"{each}\n,\n" for each in found) + "]"),
        st.lists(st.tuples(NAMES, inner), max_size=2).map(
            lambda found: "{\n" + "".join(f"  {key} = {each} # c\n" if "EOF" not in each else f"{key} = {each}\n" for key, each in found) + "}"
        ),
        flat.map(lambda value: f"[for k in {value} : k]"),
        flat.map(lambda value: f"{{ for k, v in {value} : k => v... if k != null }}"),
        flat.map(lambda value: f"jsonencode({value})"),
    )  # fmt: skip


VALUES = st.recursive(st.one_of(PLAIN, quoted(PLAIN), heredocs(PLAIN)), _composed, max_leaves=6)
LINES = st.one_of(
    st.tuples(NAMES, VALUES, COMMENTS).map(
        lambda found: f"  {found[0]} = {found[1]}{found[2] if not found[1].endswith('EOF') else ''}"
    ),
    COMMENTS,
)
BODIES = st.recursive(
    st.lists(LINES, max_size=3),
    lambda inner: st.tuples(st.lists(LINES, max_size=2), st.sampled_from(["rule", 'dynamic "rule"', "lifecycle"]), inner).map(
        lambda found: [*found[0], f"  {found[1]} {{", *found[2], "  }"]
    ),
    max_leaves=3,
)  # fmt: skip
HEADERS = st.sampled_from(
    ['resource "aws_s3_bucket" "b"', "resource t u", 'data "d" "e"', 'variable "v"', "locals", 'module "m"', "moved", "import",
     "removed", 'provider "aws"', "terraform", 'output "o"', 'check "c"']
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        lines += [draw(COMMENTS), f"{draw(HEADERS)} {{{draw(COMMENTS)}", *draw(BODIES), f"}}{draw(COMMENTS)}", ""]
    text = draw(st.sampled_from(["", "\ufeff"])) + "\n".join(lines)
    text = text.replace("\n  ", "\n\t") if draw(st.booleans()) else text
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text
