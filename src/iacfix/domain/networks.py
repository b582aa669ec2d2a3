"""Whom a range of addresses lets in."""

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# No organisation holds that much of the address space (IANA's largest allocations of IPv4 are /8): a range that is
# wider is everybody cut in pieces, such as 0.0.0.0/1 with 128.0.0.0/1.
WIDEST_IPV4 = 8
WIDEST_IPV6 = 16

# RFC 1918 and RFC 4193: never routed on the internet.
PRIVATE: tuple[Network, ...] = (
    ipaddress.IPv4Network("10.0.0.0/8"),
    ipaddress.IPv4Network("172.16.0.0/12"),
    ipaddress.IPv4Network("192.168.0.0/16"),
    ipaddress.IPv6Network("fc00::/7"),
)


def is_everybody(text: str) -> bool | None:
    """None where the text looks like a range and cannot be read as one; what names something else is not everybody."""
    network = _read(text)
    if network is None:
        return None if "/" in text else False
    if _within(network, PRIVATE):
        return False
    return network.prefixlen < (WIDEST_IPV4 if network.version == 4 else WIDEST_IPV6)  # noqa: PLR2004 - IP's version


def is_private(text: str) -> bool:
    network = _read(text)
    return network is not None and _within(network, PRIVATE)


def is_ipv6(text: str) -> bool:
    return ":" in text


def _read(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _within(network: Network, others: tuple[Network, ...]) -> bool:
    return any(
        (
            isinstance(network, ipaddress.IPv4Network)
            and isinstance(other, ipaddress.IPv4Network)
            and network.subnet_of(other)
        )
        or (
            isinstance(network, ipaddress.IPv6Network)
            and isinstance(other, ipaddress.IPv6Network)
            and network.subnet_of(other)
        )
        for other in others
    )
