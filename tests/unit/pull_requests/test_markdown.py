import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iacfix.pull_requests.markdown import code, disarmed, fence, inline, link, plain

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WORDS = (
    "@ann #12 !3 GH-4 <b> <!-- --> [x](http://e.com) https://e.com www.e.com ``` ` | ~~~ ** _ \\ "
    "</details> <img+src=x> [skip+ci] &amp; &lt; /close \\` ]( <https://e.com> "
)
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.text("`*_[]()<>!#@|~\\&$%^:/.-+ \n\r\t\0\u202e\u200b\u2028aw1", max_size=60),
    st.lists(st.sampled_from(["\n\n", "\n# x\n", *WORDS.replace("+", "\xa0").split(" ")]), max_size=8).map("".join),
)


class Page(HTMLParser):
    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(MARKDOWN.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment got through: {data}")


@given(HOSTILE)
def test_inline_text_shows_as_it_is_and_is_nothing_else(text: str) -> None:
    page = Page(f"Said: {inline(text, 1000)}.")
    assert page.tags == ["p"]
    assert page.text.replace("\u200b", "").strip() == f"Said: {plain(text, 1000)}."


@given(HOSTILE)
def test_inline_text_stays_in_its_cell(text: str) -> None:
    page = Page(f"| a | b |\n|---|---|\n| {inline(text, 1000)} | end |")
    assert page.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    assert page.text.split()[-1] == "end"


@given(HOSTILE)
def test_nothing_in_a_line_makes_a_host_act(text: str) -> None:
    for shown in (disarmed(text, 1000), inline(text, 1000)):
        assert not re.search(r"[@#]\w|[!$%~&^]\d|://|www\.|GH-\d|^/|\[\w", shown, re.IGNORECASE)
        assert "\n" not in shown


@pytest.mark.parametrize(
    "text",
    [
        *(
            "@ann",
            "@acme/cloud",
            "@{557058:ab}",
            "ann@example.com",
            "#1",
            "acme/infra#1",
            "AB#12",
            "!1",
            "$1",
            "%1",
            "&1",
        ),
        *("~label", '~"a label"', "GH-1", "gh-1", "SEC-12", "^alert#1", "*iteration:1", "acme/infra>", "[[wiki]]"),
        *("[vulnerability:1]", "https://e.com", "www.e.com", "ftp://e.com", "mailto:a@e.com", "/approve", "[skip ci]"),
        *("Draft: x", "WIP", "[WIP] x", "fixes #1", "closes acme/infra!1", "<a href=x>", "\u202eevil"),
    ],
)
def test_what_hosts_act_on_is_broken_up(text: str) -> None:
    """GitHub, GitLab, Bitbucket and CodeCommit: the last two do so with less of it."""
    for shown in (disarmed(text, 1000), inline(text, 1000)):
        assert not shown.startswith(text)
        if not text.startswith(("<", "\u202e")):
            assert "\u200b" in shown


@given(HOSTILE)
def test_a_code_span_ends_where_it_should(text: str) -> None:
    page = Page(f"In {code(text, 1000)} it is.")
    assert page.tags == (["p", "code"] if plain(text, 1000) else ["p"])
    assert page.text.strip() == f"In {plain(text, 1000) or 'none'} it is."


@given(HOSTILE)
def test_a_fence_ends_where_it_should(text: str) -> None:
    html = MARKDOWN.render(f"{fence(text, 'diff')}\n\nafter")
    assert html.count("<pre>") == 1
    assert html.endswith("</code></pre>\n<p>after</p>\n")
    assert html.count("<") == 6


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\n\tc", "a b c"),
        ("a\0b\x1b[31mc", "a b [31mc"),
        ("\u202eevil\u200b \u2066x\ufeff", "evil x"),
        ("a\u2028b", "a b"),
        ("a\udcffb", "a�b"),
        ("0123456789", "0123456789"),
        ("0123456789x", "012345678…"),
    ],
)
def test_plain_text_is_one_line_of_what_can_be_seen(text: str, shown: str) -> None:
    assert plain(text, 10) == shown


def test_text_that_does_nothing_is_left_alone() -> None:
    sentence = "Sets 4 arguments (block_public_acls = true), see S3.8: 100% of them, and a-b; costs $ or € nothing!"
    assert disarmed(sentence, 1000) == sentence


def test_what_hides_in_a_diff_is_made_visible() -> None:
    assert fence("+a\u202eb\x1b\r\n+\tc\rd\n", "diff") == "```diff\n+a�b�\n+\tc�d\n```"


def test_the_fence_is_longer_than_any_in_the_text() -> None:
    assert fence("````", "diff") == "`````diff\n````\n`````"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com:8443/a/b?c=d%20e&f=g#h",
        "https://console.aws.amazon.com/securityhub/home?region=eu-west-1#/findings?search=Id%3D%255Coperator",
    ],
)
def test_an_https_address_is_linked(url: str) -> None:
    assert link("open it", url) == f"[open it]({url})"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com",
        "HTTPS://example.com",
        "javascript:alert(1)",
        "https://ann:secret@example.com/",
        "https://ann@example.com",
        "https://",
        "https:///x",
        "https://example.com/a) [b](http://e.com",
        "https://example.com/a b",
        "https://example.com/<b>",
        "https://example.com/`",
        "https://example.com/\\",
        "https://example.com\\@evil.example",
        "https://example.com/\n",
        "https://exämple.com/",
        "https://[::1]/",
        "https://example.com/" + "a" * 1000,
    ],
)
def test_any_other_address_is_left_out(url: str) -> None:
    assert link("open it", url) == ""
