"""Credentials that are known by how they look, wherever they stand.

Every pattern starts at a fixed text or behind a look-behind, and repeats possessively or within small bounds: no input
makes the search take more than linear time.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from iacfix.domain.secret_names import is_literal, looks_random


class Shaped(NamedTuple):
    start: int
    end: int
    kind: str


# Each kind with texts of which one must occur, so that a pattern is only tried where it can fit. A group `secret` is
# the secret within the match, and must be a literal; `random` must look random as well; `basic` must be a name and a
# password in Base64; `said` stands in a sentence, and must hold letters and figures.
_SHAPES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "aws-access-key-id": (
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    ),
    "aws-session-token": (
        ("IQoJb3JpZ2lu", "oGZXIvYXdz", "AQoDYXdz"),
        r"(?<![A-Za-z0-9+/])(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz|AQoDYXdz)[A-Za-z0-9+/=]{40,4096}+",
    ),
    "bedrock-key": (
        ("ABSK", "bedrock-api-key-"),
        r"(?<![A-Za-z0-9+/])(?:ABSK[A-Za-z0-9+/=]{60,400}+|bedrock-api-key-[A-Za-z0-9+/=]{40,4096}+)",
    ),
    "private-key": (
        ("PRIVATE KEY",),
        (
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[A-Za-z0-9+/=\s\\:,.()@]|-(?!----))*+(?:-?-----END [A-Z0-9 ]{0,40}-----)?"
        ),
    ),
    "putty-key": (
        ("Private-Lines: ",),
        r"(?<=Private-Lines: )[0-9]{1,4}+(?:\r?\n[A-Za-z0-9+/=]{1,128}+){1,200}+",
    ),
    "age-key": (("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{50,64}+"),
    "github-token": (
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_\w{22,255}+)",
    ),
    "gitlab-token": (("gl",), r"(?<!\w)gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent|imt|oas)-[\w-]{20,255}+"),
    "slack-token": (("xox", "xapp-"), r"(?<!\w)xox[a-z]-[A-Za-z0-9-]{10,255}+|(?<!\w)xapp-[A-Za-z0-9-]{10,255}+"),
    "webhook": (
        ("hooks.slack.com/", "/api/webhooks/", "/webhookb2/"),
        (
            r"(?:hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/"
            r"|webhook\.office\.com/webhookb2/)(?P<secret>[\w/@.-]{20,300}+)"
        ),
    ),
    "stripe-key": (
        ("k_live_", "k_test_", "k_prod_", "whsec_"),
        r"(?<!\w)(?:[sr]k_(?:live|test|prod)|whsec)_[A-Za-z0-9]{16,255}+",
    ),
    "google-key": (
        ("AIza", "GOCSPX-", "ya29."),
        r"(?<!\w)(?:AIza[\w-]{35}|GOCSPX-[\w-]{20,64}+|ya29\.[\w-]{20,255}+)",
    ),
    "jwt": (("eyJ",), r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+){1,3}"),
    "telegram-token": ((":AA",), r"(?<!\w)[0-9]{8,10}:AA[\w-]{33}(?![\w-])"),
    "terraform-token": ((".atlasv1.",), r"\.atlasv1\.(?P<secret>[\w-]{60,80}+)"),
    "password-in-url": (("://",), r"://[^\s:/@\"'<>]{0,128}+:(?P<secret>[^\s/\"'<>]{1,256})@"),
    "password-in-dsn": (
        ("@tcp(", "@unix(", "@//"),
        r"(?<![\w:/])[A-Za-z][\w.-]{0,63}+[:/](?P<secret>[^\s:/@\"'<>]{1,256}+)@(?:tcp\(|unix\(|//)",
    ),
    "signed-url": (
        ("sig=", "signature=", "security-token="),
        r"(?i)[?&](?:x-amz-signature|x-amz-security-token|sig|signature)=(?P<secret>[\w%+/=.-]{20,2048}+)",
    ),
    "bearer": (("bearer",), r"(?i)(?<!\w)bearer[ ]{1,4}(?P<random>[A-Za-z0-9+/_.=~-]{20,4096}+)"),
    "basic": (("basic",), r"(?i)(?<!\w)basic[ ]{1,4}(?P<basic>[A-Za-z0-9+/]{4,4096}+={0,2})"),
    "login": (
        ("-u", "--user", "--proxy-user"),
        r"(?<![\w-])(?:-u|--user|--proxy-user)[ =]{1,4}[\"']?[\w.@\\-]{1,128}+:(?P<secret>[^\s\"'$`<>]{1,256}+)",
    ),
    "sshpass": (("sshpass",), r"(?<![\w-])sshpass[ ]{1,4}-p[ ]{0,4}[\"']?(?P<secret>[^\s\"'$`<>]{1,256}+)"),
    "chpasswd": (
        ("chpasswd",),
        (
            r"(?<!\w)echo[ ]{1,4}(?:-[a-z]{1,3}[ ]{1,4})?[\"']?[\w.-]{1,64}+:(?P<secret>[^\s\"'$`<>:|]{1,256}+)[\"']?"
            r"[ ]{0,4}\|[ ]{0,4}(?:sudo[ ]{1,4})?chpasswd"
        ),
    ),
    "sql": (
        ("identified", "password"),
        r"(?i)(?<!\w)(?:identified[ ]{1,4}by|password)[ ]{1,4}'(?P<secret>[^'\n]{1,256}+)'",
    ),
    "said": (
        (" is ", " was "),
        (
            r"(?i)(?<!\w)(?:password|passphrase|passwd|secret|token|api[ ]key|access[ ]key)[ ]{1,4}(?:is|was)[ ]{0,4}:?"
            r"[ ]{1,4}[\"'`]?(?P<said>[^\s\"'`,;]{4,256}+)"
        ),
    ),
}
# What vendors begin their tokens with, and what follows.
_VENDORS: Mapping[str, str] = {
    "npm_": "[A-Za-z0-9]{36}",
    "pypi-": r"[\w-]{50,255}+",
    "SG.": r"[\w-]{16,64}+\.[\w-]{16,64}+",
    "hvs.": r"[\w-]{24,255}+",
    "hvb.": r"[\w-]{24,255}+",
    "hvr.": r"[\w-]{24,255}+",
    "sk-": r"[\w-]{32,255}+",
    "dckr_pat_": r"[\w-]{20,64}+",
    "dckr_oat_": r"[\w-]{20,64}+",
    "dapi": "[0-9a-f]{32}",
    "doo_v1_": "[0-9a-f]{64}",
    "dop_v1_": "[0-9a-f]{64}",
    "dor_v1_": "[0-9a-f]{64}",
    "dp.pt.": "[A-Za-z0-9]{40,44}+",
    "dp.st.": r"[\w.-]{40,64}+",
    "dp.sa.": "[A-Za-z0-9]{40,44}+",
    "hf_": "[A-Za-z0-9]{30,64}+",
    "lin_api_": "[A-Za-z0-9]{32,64}+",
    "NRAK-": "[A-Z0-9]{27}",
    "NRII-": r"[\w-]{32}",
    "shpat_": "[0-9a-fA-F]{32}",
    "shpca_": "[0-9a-fA-F]{32}",
    "shppa_": "[0-9a-fA-F]{32}",
    "shpss_": "[0-9a-fA-F]{32}",
    "sq0atp-": r"[\w-]{22,64}+",
    "sq0csp-": r"[\w-]{22,64}+",
    "glsa_": "[A-Za-z0-9]{32}_[0-9a-f]{8}",
    "glc_": "[A-Za-z0-9+/=]{32,400}+",
    "pul-": "[0-9a-f]{40}",
    "rubygems_": "[0-9a-f]{48}",
    "ATATT3": r"[\w=-]{60,400}+",
    "ATCTT3": r"[\w=-]{60,400}+",
    "ATBB": "[A-Za-z0-9_=]{24,64}+",
    "sntrys_": r"[\w+/=.-]{32,400}+",
    "sntryu_": r"[\w+/=.-]{32,400}+",
    "pscale_tkn_": r"[\w.=-]{32,64}+",
    "pscale_pw_": r"[\w.=-]{32,64}+",
    "PMAK-": "[0-9a-f]{24}-[0-9a-f]{34}",
    "sbp_": "[0-9a-f]{40}",
    "figd_": r"[\w-]{40,64}+",
    "ntn_": "[A-Za-z0-9]{40,64}+",
    "xkeysib-": r"[0-9a-f]{64}-\w{16}",
    "key-": "[0-9a-f]{32}",
    "SK": "[0-9a-f]{32}",
    "LTAI": "[A-Za-z0-9]{20}",
    "EAAG": "[A-Za-z0-9]{60,400}+",
    "rnd_": "[A-Za-z0-9]{32}",
}
_COMPILED = (
    *((kind, tuple(map(str.lower, needles)), re.compile(pattern)) for kind, (needles, pattern) in _SHAPES.items()),
    *(
        ("vendor-token", (prefix.lower(),), re.compile(rf"(?<!\w){re.escape(prefix)}{rest}(?![A-Za-z0-9])"))
        for prefix, rest in _VENDORS.items()
    ),
)

_AWS_ID = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}")
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])")
_AWS_WINDOW = 200
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,}+={0,2}")
_MOST_BASE64 = 65_536


def shaped(text: str) -> Iterator[Shaped]:
    lower = text.lower()
    for kind, needles, pattern in _COMPILED:
        if not any(needle in lower for needle in needles):
            continue
        for match in pattern.finditer(text):
            group = match.lastgroup or ""
            if _is_one(group, match[group] if group else ""):
                yield Shaped(*match.span(group or 0), kind)
    yield from _beside_an_id(text)


def blobs(text: str) -> Iterator[tuple[Shaped, str]]:
    """Runs of Base64 that hold text, and that text: start scripts and Kubernetes secrets come so."""
    for match in _BASE64.finditer(text):
        if len(match[0]) <= _MOST_BASE64 and (inner := _decoded(match[0])):
            yield Shaped(match.start(), match.end(), "encoded"), inner


def _is_one(group: str, value: str) -> bool:
    match group:
        case "":
            return True
        case "random":
            return looks_random(value)
        case "basic":
            return ":" in _decoded(value) or looks_random(value)
        case "said":
            return is_literal(value, quoted=False) and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
        case _:
            return is_literal(value, quoted=True)


def _beside_an_id(text: str) -> Iterator[Shaped]:
    """A secret access key has no mark of its own; what stands near its id and looks so is one."""
    at = 0
    for key in _AWS_ID.finditer(text):
        start = max(at, key.start() - _AWS_WINDOW)
        at = key.end() + _AWS_WINDOW
        for match in _AWS_SECRET.finditer(text, start, min(at, len(text))):
            if looks_random(match[0]):
                yield Shaped(match.start(), match.end(), "aws-secret-access-key")


def _decoded(value: str) -> str:
    """Empty where it is not Base64 of a text that people could read."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return text if all(char.isprintable() or char in "\t\r\n" for char in text) else ""
