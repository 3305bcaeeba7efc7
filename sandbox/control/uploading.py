"""POST /_control/upload: a person uploads a file, to send it with a message or in a form."""

from aiohttp import web

from sandbox.file_transfer import received
from sandbox.files import LARGEST
from sandbox.interactions import parts
from sandbox.interactions.parts import Impossible
from sandbox.local_slack import LocalSlack

NAME = 255
"""Characters."""


class Uploading:
    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/_control/upload", self.upload)]

    async def upload(self, request: web.Request) -> web.Response:
        """The body is the file; its name and whose it is are in the query. The answer's `file` is as in files.info."""
        who, name = parts.person(self._slack, request.query.get("as", "")), request.query.get("name", "")
        if not 0 < len(name) <= NAME:
            raise Impossible(f"name must have 1 to {NAME} characters.")
        content = await received(request)
        if content is None:
            raise Impossible(f"A file has 1 to {LARGEST} bytes here.", 413)
        file = self._slack.files.request(name=name, user=who.id)
        file.content, file.completed = content, True
        self._slack.files.recognise(file)
        return web.json_response({"ok": True, "file": self._slack.files.web(file)})
