"""/api/imports"""

import tempfile
from pathlib import Path
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ImportRunning, Invalid
from api.fields import Input
from api.inputs import IDENT, IDENT_SAYS, SYMBOL, SYMBOL_SAYS
from api.params import Cursored, NoParams, Param, Params
from api.permissions import Need
from api.schema import answers, entities
from api.schema.operation import documented
from api.uploads import KINDS, file_import, file_preview
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.models import ImportRun
from dashboard.reading import choice, text
from dashboard.selectors.imports import imports_page
from dashboard.services.imports import AlreadyUndone, StillRunning, import_undo
from dashboard.timeframes import TIMEFRAMES

MOST = 20_000


class FileParams(Params):
    kind = Param(choice(*KINDS), "What the file holds; see docs/importing.md.", required=True)
    name = Param(text(255), "What the file is called.", default="upload")
    symbol = Param(text(100, pattern=SYMBOL, say=SYMBOL_SAYS), "Whose candles the file holds; only for candles.")
    timeframe = Param(choice(*TIMEFRAMES), "How long its candles are; only for candles.")
    exchange = Param(text(100, pattern=IDENT, say=IDENT_SAYS), "Where they are from. Default: the account's exchange.")

    def check(self, clean: dict[str, Any]) -> None:
        for name in ("symbol", "timeframe"):
            if (clean["kind"] == "candles") != (clean[name] is not None):
                raise Invalid({name: ["Belongs to candles, and they need it."]})


class ImportRunViewSet(AccountViewSet):
    """Imports of files: what each did, and taking one back."""

    needs = {"GET": [Need.READ], "POST": [Need.OWN]}

    @documented(answers.page("imports", entities.IMPORT), params=Cursored, fresh=True)
    def list(self, request: Request) -> Response:
        """Newest first, without the rows that were rejected."""
        params = self.params(Cursored)
        return self.fresh(self.paged("imports", imports_page(self.account, **params), params))

    @documented(entities.IMPORT, fresh=True)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One import, with the first rows that were rejected."""
        self.params(NoParams)
        return self.fresh(self.told(pk))

    @documented(entities.IMPORT, status=201, params=FileParams, file=True)
    def create(self, request: Request) -> Response:
        """Import a file of up to 64 MiB, which is the body.

        The answer comes when all of it is recorded; meanwhile `GET /api/imports` tells how far it is. A file that
        cannot be read, or not to the end, says so in `error` of the result. Importing it again changes nothing.
        """
        write, file, runs = Write(self), self.file(), list[ImportRun]()
        with self.upload() as upload:
            if write.is_first():
                runs.append(file_import(actor=self.actor, path=Path(upload.name), **file))
        return write.run(lambda: (201, self.told(runs[0].pk)))

    @documented(answers.PREVIEW, params=FileParams, file=True, fresh=True)
    def preview(self, request: Request) -> Response:
        """Say what importing the file would do, with its first rows. Nothing is stored."""
        now, file = timezone.now(), self.file()
        with self.upload() as upload:
            return self.ok(file_preview(now=now, path=Path(upload.name), **file))

    def upload(self) -> Any:
        """The file that the parser made of the body; it is not asked where there is none."""
        return self.request.data or tempfile.NamedTemporaryFile()

    def file(self) -> dict[str, Any]:
        params = self.params(FileParams)
        place = {name: params.pop(name) for name in ("symbol", "timeframe", "exchange")}
        if place["exchange"] is None:
            place["exchange"] = self.account.exchange
        return {"account": self.account, **params, "place": place}

    @documented(entities.IMPORT)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Delete what the import created and nobody changed since.

        One request deletes up to 20,000 rows: it is done when `undone_at` is set, until then ask again. After that
        it changes nothing. An import that is still running answers 409.
        """
        self.params(NoParams)
        read_one(Input(), request.data)
        write, run = Write(self), self.find(pk)
        if write.is_first():
            try:
                import_undo(run=run, actor=self.actor, now=write.now, most=MOST)
            except StillRunning:
                raise ImportRunning from None
            except AlreadyUndone:
                pass
        return write.run(lambda: (200, self.told(pk)))

    def told(self, pk: int) -> dict[str, Any]:
        return wire.IMPORT.instance(self.find(pk))

    def find(self, pk: int) -> ImportRun:
        return get_object_or_404(ImportRun.objects.filter(account=self.account).select_related("account"), pk=pk)

    def fresh(self, data: Any) -> Response:
        """Imports are not in the event log, which ETags are made of."""
        response = self.ok(data)
        response["Cache-Control"] = "private, no-cache"
        return response
