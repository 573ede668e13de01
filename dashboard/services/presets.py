"""Filters that a person keeps under a name."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.models import Account, FilterPreset
from dashboard.services.outcome import DomainError
from realtime.log import stream_lock


@transaction.atomic
def preset_create(
    *, account: Account, user: Any, page: str, name: str, filters: dict[str, Any], now: datetime
) -> FilterPreset:
    """Keep filters. Raises DomainError where the name is taken or there are too many."""
    stream_lock(account.stream_key)
    others = FilterPreset.objects.filter(account=account, user=user, page=page)
    if others.count() >= FilterPreset.MOST:
        raise DomainError({"page": [_("At most {most} presets are kept for a page.").format(most=FilterPreset.MOST)]})
    preset = FilterPreset(account=account, user=user, page=page, name=name, filters=filters, created_at=now)
    refuse_taken(preset)
    preset.save()
    return preset


@transaction.atomic
def preset_change(*, preset: FilterPreset, values: dict[str, Any]) -> FilterPreset:
    """Change name or filters. Raises DomainError where the name is taken."""
    stream_lock(preset.account.stream_key)
    for name, value in values.items():
        setattr(preset, name, value)
    refuse_taken(preset)
    preset.save()
    return preset


def refuse_taken(preset: FilterPreset) -> None:
    same = FilterPreset.objects.filter(
        account=preset.account, user=preset.user, page=preset.page, name=preset.name
    ).exclude(pk=preset.pk)
    if same.exists():
        raise DomainError({"name": [_("You have a preset of this name already.")]})
