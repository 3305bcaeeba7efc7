"""A Web API call that Slack would refuse."""

from collections.abc import Sequence

from sandbox.json_types import Json


class Refused(Exception):
    """Becomes `{"ok": false, "error": code, …}` with HTTP status 200; 429 and Retry-After if `retry_after` is set."""

    def __init__(self, code: str, *, retry_after: int = 0, **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.more = more

    @classmethod
    def argument(cls, *sentences: str) -> "Refused":
        return cls("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in sentences]})

    @classmethod
    def blocks(cls, sentences: Sequence[str], *, code: str = "invalid_blocks") -> "Refused":
        """As Slack answers bad blocks (shape: python-slack-sdk #1658)."""
        return cls(
            code,
            errors=list(sentences),
            response_metadata={"messages": [f"[ERROR] {one}" for one in sentences]},
        )

    def web(self) -> Json:
        return {"ok": False, "error": self.code, **self.more}
