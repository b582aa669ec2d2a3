from iacfix.pull_requests.body import commit_message, compose, title
from iacfix.pull_requests.identity import branch_name, finding_key, key_in, marker

__all__ = ["branch_name", "commit_message", "compose", "finding_key", "key_in", "marker", "title"]
