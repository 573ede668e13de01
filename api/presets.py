"""/api/presets"""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.keyed import PAGE
from api.params import Cursored, NoParams, Param
from api.permissions import OF_PEOPLE
from api.personal_inputs import PresetChange, PresetInput
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.models import FilterPreset
from dashboard.reading import text
from dashboard.selectors.paging import page
from dashboard.services.presets import preset_change, preset_create


class OfPage(Cursored):
    page = Param(text(30, pattern=PAGE, say="A page is of a-z and inner hyphens."), "Of this page alone.")


class PresetViewSet(AccountViewSet):
    """Filters that I keep under a name, for a page of an account. Nobody else sees them."""

    needs = OF_PEOPLE

    @documented(answers.page("presets", entities.PRESET), params=OfPage, fresh=True)
    def list(self, request: Request) -> Response:
        """My presets, by name."""
        params = self.params(OfPage)
        wanted, rows = params.pop("page"), self.mine()
        if wanted is not None:
            rows = rows.filter(page=wanted)
        key = f"presets {self.account.pk} {request.user.pk} {wanted}"
        return self.ok(self.paged("presets", page(rows, wire.PRESET, key, ordering="name", **params), params))

    @documented(entities.PRESET, status=201, body=PresetInput)
    def create(self, request: Request) -> Response:
        """Keep filters under a name: at most 50 for a page."""
        self.params(NoParams)
        write, clean = Write(self), read_one(PresetInput(), request.data)

        def effect() -> tuple[int, Any]:
            made = preset_create(account=self.account, user=request.user, now=write.now, **clean)
            return 201, wire.PRESET.instance(made)

        return write.run(effect)

    @documented(entities.PRESET, body=PresetChange)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change the name or the filters."""
        self.params(NoParams)
        write, clean = Write(self), read_one(PresetChange(), request.data)

        def effect() -> tuple[int, Any]:
            preset = get_object_or_404(self.mine().select_related("account", "user"), pk=pk)
            return 200, wire.PRESET.instance(preset_change(preset=preset, values=clean))

        return write.run(effect)

    @documented(None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Forget a preset."""
        self.params(NoParams)
        write = Write(self)

        def effect() -> tuple[int, Any]:
            get_object_or_404(self.mine(), pk=pk).delete()
            return 204, None

        return write.run(effect)

    def mine(self) -> Any:
        return FilterPreset.objects.filter(account=self.account, user=self.request.user)
