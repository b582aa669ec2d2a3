import threading
from typing import TYPE_CHECKING

from iacfix.adapters.aws.role import Role
from iacfix.ports import ModelReply, ModelRequest

if TYPE_CHECKING:
    from iacfix.adapters.aws.converse import Converse


class BedrockModel:
    """A model behind Amazon Bedrock's Converse API. Timeouts are in seconds; `max_attempts` counts the first call too.

    Credentials, and the region where it is None, come from boto3's usual places; with a role they are only used to take
    it on. `guardrail` is an id and a version.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own, all but the first by name
        self,
        model_id: str,
        *,
        region: str | None,
        connect_timeout: float,
        read_timeout: float,
        max_attempts: int,
        endpoint_url: str | None = None,
        role: Role | None = None,
        guardrail: tuple[str, str] | None = None,
    ) -> None:
        self._model_id = model_id
        self._region = region
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._max_attempts = max_attempts
        self._endpoint_url = endpoint_url
        self._role = role
        self._guardrail = guardrail
        self._converse: Converse | None = None
        self._lock = threading.Lock()  # boto3 does not make two clients at once

    @property
    def id(self) -> str:
        return self._model_id

    def ask(self, request: ModelRequest) -> ModelReply:
        with self._lock:
            converse = self._converse or self._made()
            self._converse = converse
        return converse.ask(self._model_id, request)

    def _made(self) -> "Converse":
        from iacfix.adapters.aws.converse import Converse  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        return Converse(
            region=self._region,
            connect_timeout=self._connect_timeout,
            read_timeout=self._read_timeout,
            max_attempts=self._max_attempts,
            endpoint_url=self._endpoint_url,
            role=self._role,
            guardrail=self._guardrail,
        )
