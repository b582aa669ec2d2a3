"""Markdown as Bitbucket shows it: it shows HTML as it is written, comments too ("Markdown syntax": raw HTML is not
supported). What is not to be seen is a link reference that nothing refers to; a fold is what it folds, under its title.
"""

import re

_MARK = re.compile(r"^<!-- (iacfix:(?:key|facts|comment)=[^\r\n]*) -->(?=\r?$)", re.MULTILINE)
_SENT = re.compile(r"^\[//\]: # \((iacfix:(?:key|facts|comment)=[^\r\n]*)\)(?=\r?$)", re.MULTILINE)
_FOLD = re.compile(r"^<details><summary>([^<>\r\n]*)</summary>(?=\r?$)", re.MULTILINE)
_FOLD_END = re.compile(r"^</details>\r?\n?", re.MULTILINE)


def sent(body: str) -> str:
    """As it goes there."""
    return _FOLD_END.sub("", _FOLD.sub(r"**\1**", _MARK.sub(r"[//]: # (\1)", body)))


def read(body: str) -> str:
    """With the markers as they are everywhere else."""
    return _SENT.sub(r"<!-- \1 -->", body)
