"""StrategyPerformance and RiskMetrics, kept up to date by following the event log."""
