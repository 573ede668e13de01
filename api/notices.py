"""/api/me/notices"""

from django.http import Http404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.params import NoParams
from api.schema import answers
from api.schema.operation import documented
from api.views import PersonViewSet
from dashboard.devices import notice_row
from dashboard.selectors.notices import notices_of
from dashboard.services.notices import notices_dismiss


class NoticesViewSet(PersonViewSet):
    """What I was told of sign-ins, passwords, second factors and keys."""

    @documented(answers.NOTICES, fresh=True)
    def list(self, request: Request) -> Response:
        """The newest 100 notices of the last 90 days."""
        self.params(NoParams)
        return self.ok({"notices": [notice_row(row) for row in notices_of(request.user)]})

    @documented(answers.DISMISSED, fresh=True)
    def dismiss_all(self, request: Request) -> Response:
        """Take all notices off the pages."""
        self.params(NoParams)
        return self.ok({"dismissed": notices_dismiss(user=request.user, now=timezone.now())})

    @documented(answers.DISMISSED, fresh=True)
    def dismiss(self, request: Request, pk: int) -> Response:
        """Take a notice off the pages. It stays in the list."""
        self.params(NoParams)
        if not any(row.pk == int(pk) for row in notices_of(request.user)):
            raise Http404
        return self.ok({"dismissed": notices_dismiss(user=request.user, now=timezone.now(), pk=int(pk))})
