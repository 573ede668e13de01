"""What Lighthouse and the second visit have to reach. A figure without a goal is told and not judged."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tools.lighthouse.site import OUTSIDE

CATEGORIES = {"performance": "perf", "accessibility": "a11y", "best-practices": "best", "seo": "seo", "pwa": "pwa"}
METRICS = {
    "first-contentful-paint": "FCP ms",
    "largest-contentful-paint": "LCP ms",
    "total-blocking-time": "TBT ms",
    "cumulative-layout-shift": "CLS",
}
PERFORMANCE = {"desktop": 97, "mobile": 90}
FULL = ("a11y", "best", "pwa")
MOST = {"FCP ms": 800, "LCP ms": 1100, "TBT ms": 100, "CLS": 0.02}  # on the desktop
QUICKER = 65  # per cent


@dataclass
class Look:
    """One page as one Lighthouse sees it on one device: each figure of each run, and which audits failed in any."""

    page: str
    device: str
    version: str
    figures: dict[str, list[float]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, result: dict[str, Any]) -> None:
        for name, category in result["categories"].items():
            self.figures.setdefault(CATEGORIES[name], []).append(round((category["score"] or 0) * 100))
            judged = name != "performance" and self.goal(CATEGORIES[name]) is not None
            for each in category["auditRefs"]:
                audit = result["audits"][each["id"]]
                if judged and each["weight"] and audit["score"] not in (None, 1):
                    self.failed[each["id"]] = f"{audit['title']}: {told(audit)}"
        for name, title in METRICS.items():
            self.figures.setdefault(title, []).append(round(result["audits"][name]["numericValue"], 3))

    def median(self, figure: str) -> float | None:
        values = self.figures.get(figure)
        return median(values) if values else None

    def goal(self, figure: str) -> float | None:
        if figure == "perf":
            return PERFORMANCE[self.device]
        if figure == "seo":
            return 100 if self.page == OUTSIDE else None  # the others ask not to be found
        if figure in FULL:
            return 100
        return MOST[figure] if self.device == "desktop" else None

    def missed(self, figure: str) -> bool:
        value, goal = self.median(figure), self.goal(figure)
        if value is None or goal is None:
            return False
        return value > goal if figure in MOST else value < goal


def told(audit: dict[str, Any]) -> str:
    """Where an audit fails."""
    items = (audit.get("details") or {}).get("items") or []
    places = [
        each.get("node", {}).get("selector") or each.get("reason") or each.get("description") or each.get("url") or ""
        for each in items
    ]
    return (
        "; ".join(str(place) for place in places if place) or audit.get("displayValue") or audit.get("explanation", "")
    )


@dataclass
class Visits:
    """One page opened first by a browser that knows nothing, then again: milliseconds of each run."""

    page: str
    device: str
    first: dict[str, list[float]] = field(default_factory=dict)
    again: dict[str, list[float]] = field(default_factory=dict)

    def quicker(self, moment: str) -> float:
        """By how many per cent the second is quicker."""
        return round((1 - median(self.again[moment]) / median(self.first[moment])) * 100, 1)
