from dataclasses import replace

from iacfix.domain.errors import ModelDeniedError, ModelThrottledError
from iacfix.ports import Model, ModelReply, ModelRequest


class FallbackModel:
    """Asks the second model where the first one is not allowed, from then on, or has no room, this once."""

    def __init__(self, first: Model, second: Model) -> None:
        self._first = first
        self._second = second
        self._denied = False

    @property
    def id(self) -> str:
        return self._first.id

    def ask(self, request: ModelRequest) -> ModelReply:
        """Where the second fails as well, its error is raised."""
        if not self._denied:
            try:
                return self._first.ask(request)
            except ModelDeniedError:
                self._denied = True
            except ModelThrottledError:
                pass
        reply = self._second.ask(request)
        return replace(reply, model=reply.model or self._second.id)
