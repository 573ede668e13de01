"""/api/me/preferences"""

from rest_framework.request import Request
from rest_framework.response import Response

from api.params import NoParams
from api.personal_inputs import PreferencesInput
from api.schema import answers
from api.schema.operation import documented
from api.views import PersonViewSet, read_one
from dashboard.middleware import keep_cookies
from dashboard.services.preferences import preferences_change, preferences_complete, preferences_stored


class PreferencesViewSet(PersonViewSet):
    """How I see the pages; the API itself speaks UTC and plain numbers."""

    @documented(answers.PREFERENCES, fresh=True)
    def retrieve(self, request: Request) -> Response:
        """How I see the pages."""
        self.params(NoParams)
        return self.ok(preferences_complete(preferences_stored(request.user)))

    @documented(answers.PREFERENCES, body=PreferencesInput, fresh=True)
    def partial_update(self, request: Request) -> Response:
        """Change how I see the pages.

        Theme and language are also given to the browser as cookies, for the first paint.
        """
        self.params(NoParams)
        chosen = preferences_change(user=request.user, values=read_one(PreferencesInput(), request.data))
        complete = preferences_complete(chosen)
        response = self.ok(complete)
        keep_cookies(request._request, response, complete)
        return response
