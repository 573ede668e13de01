"""The event log, to read."""

from django.contrib import admin

from dashboard.admin.tables import ReadOnlyAdmin
from realtime.models import Event, Stream


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("seq", "stream", "type", "created_at")
    list_filter = ("type",)
    list_select_related = ("stream",)
    ordering = ("-id",)


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    list_display = ("key", "epoch", "floor", "head")
