"""/api/annotations"""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.fields import Input
from api.inputs import AnnotationChange, AnnotationInput, ImportedAnnotation
from api.params import AtomicParams, Cursored, NoParams
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.inputs import CHART_ID, ROW_ID, body_shape
from api.schema.operation import documented, list_of, reported
from api.schema.shapes import WHOLE, closed
from api.views import AccountViewSet, Write, ingest, read_one
from dashboard import wire
from dashboard.filters import ChartFilters
from dashboard.models import Annotation
from dashboard.selectors.paging import page
from dashboard.services.annotations import annotation_change, annotation_delete, annotations_record
from dashboard.services.outcome import Outcome

IMPORTED = list_of(body_shape(ImportedAnnotation))
IMPORT = {"oneOf": [IMPORTED, closed({"annotations": IMPORTED})]}


class AnnotationViewSet(AccountViewSet):
    """What people write on charts. Reading goes by the name of a chart, changing by the number of an annotation.

    One changes and deletes what one wrote oneself and what a program wrote; an owner, anyone's.
    """

    needs = {
        "GET": [Need.READ],
        "POST": [Need.OPERATE],
        "PATCH": [Need.OPERATE],
        "DELETE": [Need.OPERATE],
    }

    @documented(
        answers.page("annotations", entities.ANNOTATION, count=WHOLE),
        params=Cursored,
        filters=ChartFilters,
        path={"key": CHART_ID},
    )
    @action(detail=True)
    def chart(self, request: Request, key: str) -> Response:
        """The annotations of one chart, newest first."""
        params, wanted = self.filtered(Cursored, ChartFilters)

        def answer() -> dict[str, Any]:
            rows = wanted.qs.filter(chart_id=key)
            found = page(rows, wire.ANNOTATION, f"annotations {key} {wanted.key}", ordering="-date", **params)
            return {**self.paged("annotations", found, params), "count": len(found.rows)}

        return self.cached(answer)

    @reported(AnnotationInput, entities.ANNOTATION, "id", examples=examples.ANNOTATIONS)
    def create(self, request: Request) -> Response:
        """Write one annotation or several."""
        write = Write(self)
        return ingest(write, AnnotationInput(), self.recorder(write), ident="id")

    @documented(answers.batch("id"), body=IMPORT, params=AtomicParams, examples=examples.REMARKS)
    @action(detail=False, methods=["post"])
    def load(self, request: Request) -> Response:
        """Import a list, or an export as it is."""
        body = request.data
        if isinstance(body, dict) and set(body) == {"annotations"}:
            body = body["annotations"]
        if not isinstance(body, list):
            raise Invalid({"annotations": ["Must be a list of annotations."]})
        write = Write(self)
        return ingest(write, ImportedAnnotation(), self.recorder(write), ident="id", body=body)

    def recorder(self, write: Write) -> Any:
        user = self.request.user
        author = user if user.pk else None

        def record(items: list[dict[str, Any]]) -> list[Outcome]:
            return annotations_record(account=self.account, items=items, author=author, now=write.now)

        return record

    @documented(entities.ANNOTATION, body=AnnotationChange, path={"key": ROW_ID})
    def partial_update(self, request: Request, key: str) -> Response:
        """Change an annotation: one's own, or any for an owner."""
        self.params(NoParams)
        write, reader = Write(self), AnnotationChange()
        reader.now = write.now
        values = read_one(reader, request.data)

        def effect() -> tuple[int, dict[str, Any]]:
            changed = annotation_change(annotation=self.mine(key), values=values, now=write.now)
            return 200, wire.ANNOTATION.instance(changed)

        return write.run(effect)

    @documented(None, status=204, path={"key": ROW_ID})
    def destroy(self, request: Request, key: str) -> Response:
        """Delete an annotation: one's own, or any for an owner."""
        self.params(NoParams)
        read_one(Input(), request.data)
        write = Write(self)

        def effect() -> tuple[int, None]:
            annotation_delete(annotation=self.mine(key), actor=self.actor, now=write.now)
            return 204, None

        return write.run(effect)

    def mine(self, key: str) -> Annotation:
        """An annotation that the caller may change."""
        if not (key.isdecimal() and len(key) <= 15):
            raise NotFound
        rows = Annotation.objects.filter(account=self.account).select_related("account", "author")
        annotation = get_object_or_404(rows, pk=int(key))
        if annotation.author_id not in (None, self.request.user.pk) and self.request.role != "owner":
            self.permission_denied(self.request, "Only its author or an owner may change this annotation.")
        return annotation
