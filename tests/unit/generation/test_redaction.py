import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iacfix.domain.errors import PatchError
from iacfix.domain.identifiers import IdKind
from iacfix.domain.secrets import REDACTED
from iacfix.domain.unseen import unseen
from iacfix.generation.redaction import Redaction, without_placeholders

KEY = "-----BEGIN PRIVATE KEY-----\n    MIIEabc\n    -----END PRIVATE KEY-----"
PIECES = (
    'password = "hunter2hunter2"\n',
    "password = 'admin'\n",
    "AKIAIOSFODNN7EXAMPLE",
    "hunter2hunter2",
    "IACFIX_SECRET_1",
    "iacfix_secret",
    KEY,
    'password = coalesce(var.p, "hunter2hunter2")\n',
    "token: |\n  hunter2hunter2\n",
    "arn:aws:kms:eu-west-1:111122223333:key/3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "111122223333",
    "IACFIX_ID_1",
    "IACFIX_CHAR_00202E",
    *'0 1_\n"x\u202e\u200b\r:/aE',
)


def test_a_secret_has_one_placeholder_wherever_it_occurs() -> None:
    first, second = 'password = "hunter2hunter2"', "# was hunter2hunter2, key AKIAIOSFODNN7EXAMPLE"
    redaction = Redaction.of([first, second])

    assert redaction.hide(first) == 'password = "IACFIX_SECRET_1"'
    assert redaction.hide(second) == "# was IACFIX_SECRET_1, key IACFIX_SECRET_2"


def test_a_short_secret_is_hidden_only_where_it_is_one() -> None:
    text = 'username = "admin"\npassword = "admin"'

    assert Redaction.of([text]).hide(text) == 'username = "admin"\npassword = "IACFIX_SECRET_1"'


def test_a_key_is_hidden_line_by_line_so_that_a_diff_keeps_its_lines() -> None:
    redaction = Redaction.of([f"key = <<EOF\n    {KEY}\nEOF"])

    hidden = redaction.hide(f"key = <<EOF\n    {KEY}\nEOF")

    assert hidden == "key = <<EOF\n    IACFIX_SECRET_1\n    IACFIX_SECRET_2\n    IACFIX_SECRET_3\nEOF"
    assert redaction.restore("-    IACFIX_SECRET_2\n") == "-    MIIEabc\n"


def test_a_secret_that_is_met_later_is_hidden_for_good() -> None:
    assert Redaction.of([]).hide('password = "hunter2"') == f'password = "{REDACTED}"'


def test_a_placeholder_in_the_users_own_text_comes_back_as_it_was() -> None:
    text = 'tag = "IACFIX_SECRET_1"\npassword = "hunter2"'
    redaction = Redaction.of([text])

    assert redaction.hide(text) == 'tag = "IACFIX_SECRET_1"\npassword = "IACFIX_SECRET_2"'
    assert redaction.restore(redaction.hide(text)) == text


@pytest.mark.parametrize(
    "answer",
    ["IACFIX_SECRET_2", "IACFIX_SECRET_0", "IACFIX_SECRET_11", "iacfix_secret_1", "IACFIX_SECRET", "IACFIX_SECRET_01"],
)
def test_a_placeholder_that_was_never_given_out_is_refused(answer: str) -> None:
    redaction = Redaction.of(['password = "hunter2"'])

    with pytest.raises(PatchError, match="never given out") as error:
        redaction.restore(f'+  password = "{answer}"')

    assert "hunter2" not in str(error.value)


ACCOUNT = "111122223333"
ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def test_names_in_an_account_stay_unless_it_is_configured() -> None:
    text = f'kms_key_id = "{ARN}" # {ACCOUNT}'

    assert Redaction.of([text]).hide(text) == text
    assert Redaction.of([text], frozenset({IdKind.ARNS})).hide(text) == f'kms_key_id = "IACFIX_ID_1" # {ACCOUNT}'
    everything = Redaction.of([text], frozenset(IdKind))
    assert everything.hide(text) == 'kms_key_id = "IACFIX_ID_1" # IACFIX_ID_2'
    assert everything.restore('x = "IACFIX_ID_2"\ny = "IACFIX_ID_2"') == f'x = "{ACCOUNT}"\ny = "{ACCOUNT}"'
    with pytest.raises(PatchError, match="IACFIX_ID_3, a placeholder that was never given out"):
        everything.restore("IACFIX_ID_3")


def test_characters_that_nobody_sees_are_shown_by_their_number() -> None:
    text = "# safe\u202e\u2066 ABC\r\n\ta\u0000\ufe0f\u2028b\n"
    redaction = Redaction.of([text])

    hidden = redaction.hide(text)

    assert hidden == (
        "# safeIACFIX_CHAR_00202EIACFIX_CHAR_002066 ABC\r\n\taIACFIX_CHAR_000000IACFIX_CHAR_00FE0FIACFIX_CHAR_002028b\n"
    )
    assert redaction.restore(hidden) == text
    with pytest.raises(PatchError, match="IACFIX_CHAR_00202D, a placeholder that was never given out"):
        redaction.restore("IACFIX_CHAR_00202D")


def test_a_secret_is_hidden_with_what_nobody_sees_in_it() -> None:
    text = "key AKIA\u200bIOSFODNN7EXAMPLE"

    assert Redaction.of([text]).hide(text) == "key IACFIX_SECRET_1"


def test_people_do_not_see_placeholders() -> None:
    assert without_placeholders("replaced IACFIX_SECRET_1") == f"replaced {REDACTED}"


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join), max_size=4), st.sets(st.sampled_from(IdKind)))
@example(['password = "hunter2hunter2"\n', "hunter2hunter25"], set())
@example(["AKIAIOSFODNN7EXAMPLE"], set())
@example(["111122223333hunter2hunter2", 'password = "hunter2hunter2"'], {IdKind.ACCOUNT_IDS})
def test_every_text_comes_back_and_none_shows_a_long_secret(texts: list[str], kinds: set[IdKind]) -> None:
    redaction = Redaction.of(texts, frozenset(kinds))

    for text in texts:
        hidden = redaction.hide(text)
        assert redaction.restore(hidden) == text
        assert not any(secret in hidden for secret in redaction.known if "IACFIX" not in secret.upper())
        assert hidden.count("\n") == text.count("\n")
        assert not unseen(hidden)
