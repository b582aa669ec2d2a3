from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role to act as. `external_id` is "" where the role asks for none."""

    arn: str
    external_id: str = ""
    session_name: str = ""
