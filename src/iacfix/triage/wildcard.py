"""Patterns in which only `*` is special: addresses and tags hold brackets and question marks of their own."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says. In time that grows with both, whatever stands there."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *middle, last = rest
    if not text.startswith(first):
        return False
    start = len(first)
    for part in middle:
        found = text.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    return len(text) - start >= len(last) and text.endswith(last)
