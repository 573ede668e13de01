"""/api/audit"""

from rest_framework.request import Request
from rest_framework.response import Response

from api.params import Cursored
from api.permissions import Need
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import AccountViewSet
from dashboard import wire
from dashboard.filters import AuditFilters
from dashboard.selectors.paging import page


class AuditViewSet(AccountViewSet):
    """The audit log of an account, newest first."""

    needs = {"GET": [Need.OWN]}

    @documented(answers.page("entries", entities.AUDIT), params=Cursored, filters=AuditFilters, fresh=True)
    def list(self, request: Request) -> Response:
        """Who did what, newest first."""
        params, wanted = self.filtered(Cursored, AuditFilters)
        found = page(wanted.qs, wire.AUDIT, f"audit {self.account.pk} {wanted.key}", ordering="-number", **params)
        return self.ok(self.paged("entries", found, params))
