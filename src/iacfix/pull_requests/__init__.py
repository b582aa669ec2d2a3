from iacfix.domain.marks import key_in, marker
from iacfix.pull_requests.body import Notes, commit_message, compose, title
from iacfix.pull_requests.identity import branch_name, finding_hash, finding_key

__all__ = [
    "Notes",
    "branch_name",
    "commit_message",
    "compose",
    "finding_hash",
    "finding_key",
    "key_in",
    "marker",
    "title",
]
