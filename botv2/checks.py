"""System checks: a bad configuration is told by id, and no server starts with one."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.core.checks import Error as CheckError
from django.core.exceptions import ImproperlyConfigured


@register()
def configuration(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Every setting could be read and fits the others (ids: docs/configuration.md)."""
    return [CheckError(problem.message, id=problem.id) for problem in settings.CONFIG.problems]


def refuse_bad_settings() -> None:
    """Raise ImproperlyConfigured with all problems, so that a server cannot start with a bad configuration."""
    if errors := configuration():
        raise ImproperlyConfigured(" ".join(f"({error.id}) {error.msg}" for error in errors))
