"""What a user can say about looking at live resources."""

from dataclasses import dataclass

DEFAULT_WAIT = 300.0


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """`role_arn` is the role to look as, with `{account}` where the account's number belongs; "" looks with the
    credentials that boto3 finds. `wait` is in seconds, from a change to the first look.
    """

    role_arn: str = ""
    external_id: str = ""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    wait: float = DEFAULT_WAIT
    session_tags: bool = True
