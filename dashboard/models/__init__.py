from dashboard.models.account import Account, ApiKey, Beat, Bot, Membership, SignInLink
from dashboard.models.notice import Alert, Annotation, IdempotentAnswer
from dashboard.models.portfolio import EXTERNAL_FLOWS, CashFlow, MarketData, Portfolio, RiskMetrics
from dashboard.models.rollup import CountedTrade
from dashboard.models.trade import UNASSIGNED, ImportRun, Strategy, StrategyPerformance, Trade

__all__ = [
    "EXTERNAL_FLOWS",
    "UNASSIGNED",
    "Account",
    "Alert",
    "Annotation",
    "ApiKey",
    "Beat",
    "Bot",
    "CashFlow",
    "CountedTrade",
    "IdempotentAnswer",
    "ImportRun",
    "MarketData",
    "Membership",
    "Portfolio",
    "RiskMetrics",
    "SignInLink",
    "Strategy",
    "StrategyPerformance",
    "Trade",
]
