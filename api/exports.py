"""/api/export"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import ClassVar

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from api.errors import Invalid
from api.params import Param, Params
from api.schema import entities
from api.schema.operation import Operation, describe
from api.schema.shapes import JSON, Shape, closed, many
from api.slots import Slots
from api.throttling import who_asks
from api.views import AccountViewSet
from dashboard.exports.formats import FORMATS
from dashboard.exports.summary import Summary, about
from dashboard.exports.tables import TABLES, Table
from dashboard.reading import choice, flag
from dashboard.services.audit import audit_write

AT_ONCE, AT_ONCE_FOR_ALL = 2, 6
slots = Slots(AT_ONCE, AT_ONCE_FOR_ALL)
FILE: Shape = {"type": "string", "format": "binary"}


class ExportParams(Params):
    format = Param(choice(*FORMATS), "What kind of file to make.", default="csv")
    summary = Param(flag(), "Say above the rows what they are, and below them what they come to.", default=False)


def exported(view: "ExportViewSet") -> Operation:
    """How the export of a table is described."""
    table = view.table
    media = {each.content_type.partition(";")[0]: FILE for each in FORMATS.values()}
    rows = {table.name: many(entities.ROWS[table.form])}
    media["application/json"] = closed(rows, {"about": JSON, "summary": JSON})
    return Operation({200: None}, ExportParams, table.filters, fresh=True, media=media)


class ExportViewSet(AccountViewSet):
    """A whole table as a file: every row that matches, by the filters of its list."""

    table: ClassVar[Table] = TABLES[0]

    @describe(exported)
    def list(self, request: Request) -> StreamingHttpResponse:
        """Every row that matches, as a file.

        Two at once for a key or a person, six for everybody; one more is answered 429.
        """
        params, wanted = self.filtered(ExportParams, self.table.filters)
        form, rows, now = FORMATS[params["format"]], wanted.qs, timezone.now()
        if form.most_rows is not None and rows.count() > form.most_rows:
            raise Invalid({"format": [f"Such a file holds {form.most_rows} rows; take csv or json, or fewer rows."]})
        filename = f"{self.account.slug}-{self.table.name}-{now:%Y-%m-%d}.{params['format']}"
        if request.method == "HEAD":
            parts: Iterator[bytes] = iter(())
        else:
            slot = slots.take(who_asks(request))
            given = {name: values for name, values in request.query_params.lists() if name != "account"}
            audit_write(
                account=self.account,
                actor=self.actor,
                action=f"{self.table.name}.export",
                target=filename,
                after=given,
                at=now,
            )
            chunks, summary = self.table.chunks(rows), None
            if params["summary"]:
                filters = {
                    name: values for name, values in given.items() if name in self.table.filters.declared_filters
                }
                summary = Summary(self.table, about(self.table, self.account, filters, now))
                chunks = summary.watching(chunks)
            # The first rows are read before the answer begins, while an error can still be told as one.
            parts = slot.holding(form.write(self.table, chain(list(islice(chunks, 1)), chunks), summary))
        response = StreamingHttpResponse(parts, content_type=form.content_type)
        response["Content-Disposition"] = content_disposition_header(True, filename)
        response["Cache-Control"] = "no-store"
        return response
