from dashboard.models.account import Account, ApiKey, Beat, Bot, Invitation, Membership, SignInLink
from dashboard.models.audit import AuditEntry
from dashboard.models.factor import Authenticator, Passkey, RecoveryCode
from dashboard.models.notice import Alert, Annotation, IdempotentAnswer
from dashboard.models.person import FilterPreset, PasswordLink, PersonSession, Preferences, SecurityNotice
from dashboard.models.portfolio import EXTERNAL_FLOWS, CashFlow, MarketData, Portfolio, RiskMetrics
from dashboard.models.push import PushMessage, PushSubscription
from dashboard.models.rollup import CountedTrade
from dashboard.models.trade import UNASSIGNED, DeletedTrade, ImportRun, Strategy, StrategyPerformance, Trade

__all__ = [
    "EXTERNAL_FLOWS",
    "UNASSIGNED",
    "Account",
    "Alert",
    "Annotation",
    "ApiKey",
    "AuditEntry",
    "Authenticator",
    "Beat",
    "Bot",
    "CashFlow",
    "CountedTrade",
    "DeletedTrade",
    "FilterPreset",
    "IdempotentAnswer",
    "ImportRun",
    "Invitation",
    "MarketData",
    "Membership",
    "Passkey",
    "PasswordLink",
    "PersonSession",
    "Portfolio",
    "Preferences",
    "PushMessage",
    "PushSubscription",
    "RecoveryCode",
    "RiskMetrics",
    "SecurityNotice",
    "SignInLink",
    "Strategy",
    "StrategyPerformance",
    "Trade",
]
