"""The event log: one gapless, numbered stream per key. `key` is opaque text; nothing here knows of trading."""

import secrets

from django.db import models


def new_epoch() -> str:
    return secrets.token_hex(8)


class Stream(models.Model):
    """A numbered log. Events floor..head exist; `epoch` changes when numbers may have been taken back."""

    key = models.CharField(max_length=64, unique=True)
    epoch = models.CharField(max_length=32, default=new_epoch)
    head = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(head__gte=0), name="stream_head_not_negative"),
            models.CheckConstraint(
                condition=models.Q(floor__gte=1) & models.Q(floor__lte=models.F("head") + 1),
                name="stream_floor_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.head}"


class Event(models.Model):
    """One fact of a stream. `data` is the JSON text that goes out as it is."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    type = models.CharField(max_length=32)
    data = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="event_number_once")]
        ordering = ["stream_id", "seq"]

    def __str__(self) -> str:
        return f"{self.type} {self.seq}"


class Cursor(models.Model):
    """How far a named follower has followed a stream."""

    name = models.CharField(max_length=32)
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="cursors")
    epoch = models.CharField(max_length=32)
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "stream"], name="cursor_once")]
        ordering = ["name", "stream_id"]

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class Pulse(models.Model):
    """When a process that works by itself was last at work."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
