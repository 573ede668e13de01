"""The Django admin: strategies and alerts for daily use, the rest to look at. Loaded by Django's autodiscovery."""

from dashboard.admin import access, alerts, log, strategies, tables

__all__ = ["access", "alerts", "log", "strategies", "tables"]
