"""The error tree. Every error says what happened and what to do next, and never holds a credential."""


class IacfixError(Exception):
    """Root of every error that iacfix raises on purpose.

    `what` happened and the `remedy` a person can apply are kept apart, so that each entry point can lay them out.
    """

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(f"{what}: {remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy


class InputError(IacfixError):
    """Something that the user handed over cannot be used at all: exit code 2."""


class ConfigurationError(InputError):
    """`iacfix.yaml`, the environment or the catalogue is wrong."""


class TableError(InputError):
    """A table that the configuration names cannot be read or written."""


class UnsafePathError(IacfixError):
    """A path from outside leads out of the repository, or is not one that iacfix may touch."""


class DocumentError(IacfixError):
    """A text is not what its language calls well-formed. `line` counts from 1, 0 when it is not known."""

    def __init__(self, what: str, *, line: int = 0, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.line = line


class PatchError(IacfixError):
    """A diff cannot be read or does not land in exactly one place. The message is written for its author to act on."""


class ModelError(IacfixError):
    """The model gave no usable reply. No attempt is counted: nothing was judged."""


class ModelUnavailableError(ModelError):
    """Throttled, timed out, unreachable or failing, after the client's own retries."""


class ModelRejectedError(ModelError):
    """The service refused the request for good: credentials, access, validation, guardrail."""


class ModelDeniedError(ModelRejectedError):
    """Access to this model is not allowed. Another may be."""


class ModelThrottledError(ModelUnavailableError):
    """Too many questions to this model. Another may have room."""


class ModelNotAskedError(ModelError):
    """There is a reason not to ask: a budget is used up, or the question would be too long."""


class GitHostError(IacfixError):
    """A git host could not do what was asked of it."""


class HostNotFoundError(GitHostError):
    """The repository, branch, commit or pull request is not there, or not for these credentials."""


class HostForbiddenError(GitHostError):
    """The credentials are wrong, expired, or not allowed to do this; or the repository is archived."""


class HostConflictError(GitHostError):
    """Something moved meanwhile, or is somebody else's."""


class HostRateLimitedError(GitHostError):
    """Too many requests. `seconds` until it may be tried again, as the host says it; 60 where it says nothing."""

    def __init__(self, what: str, *, seconds: float, remedy: str = "") -> None:
        super().__init__(what, remedy=remedy or f"try again in {seconds:.0f} seconds")
        self.seconds = seconds


class HostRefusedError(GitHostError):
    """The host understood and would not: a protected branch, a rule, a text that it does not take. With its words."""


class HostUnavailableError(GitHostError):
    """No answer, a broken answer, or a fault of the host's."""


class LedgerError(IacfixError):
    """The ledger or the audit record cannot be used, or not in this way."""


class IllegalMoveError(LedgerError):
    """A finding may not go from this state to that one."""


class StaleEntryError(LedgerError):
    """Somebody else has changed the entry since it was read: read it again, decide again."""


class NotifierError(IacfixError):
    """Somebody could not be told. What was to be told stands in the ledger all the same."""


class QueueError(IacfixError):
    """A queue cannot be reached or used."""


class NotifierUnsureError(NotifierError):
    """It was sent, and no answer came: it may have been told nevertheless."""
