"""/api/imports"""

from contextlib import suppress
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Input
from api.params import Cursored, NoParams
from api.permissions import Need
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.models import ImportRun
from dashboard.selectors.imports import imports_page
from dashboard.services.imports import AlreadyUndone, import_undo

MOST = 20_000


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

    @documented(entities.IMPORT)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Delete what the import created and nobody changed since.

        One request deletes up to 20,000 rows: it is done when `undone_at` is set, until then ask again. After that
        it changes nothing.
        """
        self.params(NoParams)
        read_one(Input(), request.data)
        write, run = Write(self), self.find(pk)
        if write.is_first():
            with suppress(AlreadyUndone):
                import_undo(run=run, actor=self.actor, now=write.now, most=MOST)
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
