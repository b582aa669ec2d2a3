import pytest

from iacfix.domain.networks import is_everybody, is_private


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0/0", "1.2.3.4/0", "0.0.0.0/1", "128.0.0.0/1", "64.0.0.0/7", "::/0", "0::0/0", "2000::/3", "8000::/15"],
)
def test_everybody_however_it_is_cut_and_spelled(text: str) -> None:
    assert is_everybody(text) is True


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "192.0.2.0/24", "203.0.113.7", "2001:db8::/32", "fc00::/7", "sg-0123456789abcdef0", ""]
)
def test_not_everybody(text: str) -> None:
    assert is_everybody(text) is False


@pytest.mark.parametrize("text", ["0.0.0.0/zero", "000.0.0.0/0", "a/b"])
def test_a_range_that_cannot_be_read_is_neither(text: str) -> None:
    assert is_everybody(text) is None


def test_private_networks() -> None:
    assert all(map(is_private, ["10.0.0.0/8", "172.31.0.0/16", "192.168.1.0/24", "fd00::/8"]))
    assert not any(map(is_private, ["172.0.0.0/8", "192.0.2.0/24", "2001:db8::/32", "::/0", "nothing"]))
