"""The same lists as any Django REST Framework tutorial would serve them: model viewsets and serializers, no sign-in.

`gunicorn benchmarks.plain:application` in a server's environment.
"""

import django
from django.conf import settings

django.setup()
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
settings.REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "DEFAULT_AUTHENTICATION_CLASSES": []}

from typing import Any  # noqa: E402

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, pagination, serializers  # noqa: E402
from rest_framework.permissions import AllowAny  # noqa: E402
from rest_framework.renderers import JSONRenderer  # noqa: E402

from dashboard.fields import ExactDecimalField, ExactJSONField  # noqa: E402
from dashboard.models import MarketData, Portfolio, Trade  # noqa: E402


class Serializer(serializers.ModelSerializer[Any]):
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        ExactDecimalField: serializers.CharField,
        ExactJSONField: serializers.JSONField,
    }


def listed(rows: Any, name: str, page: int) -> Any:
    meta = type("Meta", (), {"model": rows.model, "exclude": ["account"]})
    extra = {"strategy": serializers.CharField(source="strategy.name")} if rows.model is Trade else {}
    serializer = type(f"{name}Serializer", (Serializer,), {"Meta": meta, **extra})
    pages = type(f"{name}Pages", (pagination.LimitOffsetPagination,), {"default_limit": page})
    view = type(f"{name}View", (generics.ListAPIView,), {
        "queryset": rows, "serializer_class": serializer, "pagination_class": pages, "permission_classes": [AllowAny],
        "renderer_classes": [JSONRenderer], "authentication_classes": [], "throttle_classes": [],
    })  # fmt: skip
    return path(name.lower(), view.as_view())


trades = Trade.objects.select_related("strategy", "bot").order_by("-entry_time", "-id")
urlpatterns = [
    listed(trades, "Trades", 100),
    listed(trades.filter(strategy__name="Strategy 3", status="closed"), "Filtered", 100),
    listed(MarketData.objects.filter(symbol="BTC/USDT", timeframe="1m").order_by("-timestamp"), "Candles", 1000),
    listed(Portfolio.objects.order_by("-timestamp"), "History", 100),
    listed(Portfolio.objects.order_by("-timestamp"), "Portfolio", 1),
]
application = get_wsgi_application()
