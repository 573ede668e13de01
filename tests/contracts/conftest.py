"""The fixtures of the API's tests, for those that go over all of it."""

from tests.api.conftest import bot, person, program, stored, unthrottled

__all__ = ["bot", "person", "program", "stored", "unthrottled"]
