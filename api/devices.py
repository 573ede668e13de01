"""/api/me/device, /api/me/pushes"""

import time
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.params import NoParams
from api.personal_inputs import DeviceInput, PushChange, PushInput
from api.schema import answers
from api.schema.inputs import body_shape
from api.schema.operation import Operation, describe, documented
from api.throttling import buckets
from api.views import PersonViewSet, read_one
from dashboard.models import PushSubscription
from dashboard.own_device import call_own, is_own
from dashboard.pushes.http import GONE, post
from dashboard.pushes.send import packed
from dashboard.pushes.subscriptions import public_key, push_row, subscription_save
from dashboard.pushes.words import of_test

TESTS = (1 / 10, 5)  # ten seconds each after the first five


class DeviceViewSet(PersonViewSet):
    """Whether the browser that asks is on a device of mine, where its service worker keeps pages and data."""

    @documented(answers.DEVICE, fresh=True)
    def list(self, request: Request) -> Response:
        """Whether this device is mine."""
        self.params(NoParams)
        return self.ok({"own": is_own(request)})

    @documented(answers.DEVICE, body=DeviceInput, fresh=True)
    def partial_update(self, request: Request) -> Response:
        """Call this device mine, or not any more, which drops what it keeps."""
        self.params(NoParams)
        call_own(request._request, request.user, read_one(DeviceInput(), request.data)["own"])
        return self.ok({"own": is_own(request)})


class PushViewSet(PersonViewSet):
    """Browsers that my alerts are pushed to."""

    @documented(answers.PUSHES, fresh=True)
    def list(self, request: Request) -> Response:
        """My browsers, the newest first, and the key to subscribe with.

        `fingerprint` is the beginning of the SHA-256 of the endpoint, by which a browser knows itself. `public_key` is
        null where the server has no key to sign with.
        """
        self.params(NoParams)
        return self.ok({"public_key": public_key(), "subscriptions": [push_row(row) for row in self.mine()]})

    @describe(Operation({201: answers.PUSH, 200: answers.PUSH}, body=body_shape(PushInput), fresh=True))
    def create(self, request: Request) -> Response:
        """Push to this browser: 201, or 200 where it is known already. It ends when I sign out there."""
        self.params(NoParams)
        clean = read_one(PushInput(), request.data)
        if public_key() is None:
            raise Invalid({"body": ["This server has no key to sign pushes with. `manage.py init` makes one."]})
        row, created = subscription_save(request=request._request, values=clean, now=timezone.now())
        return self.ok(push_row(row), 201 if created else 200)

    @documented(answers.PUSH, body=PushChange, fresh=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change how severe an alert must be."""
        self.params(NoParams)
        row = self.find(pk)
        row.severity = read_one(PushChange(), request.data)["severity"]
        row.save(update_fields=["severity"])
        return self.ok(push_row(row))

    @documented(None, status=204, fresh=True)
    def destroy(self, request: Request, pk: int) -> Response:
        """Push to this browser no more."""
        self.params(NoParams)
        self.find(pk).delete()
        return Response(status=204)

    @documented(answers.PUSHED, fresh=True)
    def test(self, request: Request, pk: int) -> Response:
        """Push a test. `gone` means that the browser has ended it, and it is off the list."""
        self.params(NoParams)
        row = self.find(pk)
        if wait := buckets.take(f"push:{row.user_id}", *TESTS, time.monotonic()):
            raise Throttled(wait)
        outcome, _ = post(row, packed(of_test(row)))
        if outcome == GONE:
            row.delete()
        return self.ok({"outcome": outcome})

    def mine(self) -> Any:
        return PushSubscription.objects.filter(user=self.request.user)

    def find(self, pk: int) -> PushSubscription:
        return get_object_or_404(self.mine().select_related("user"), pk=pk)
