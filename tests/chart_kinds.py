"""The kinds of charts that the browser knows."""

import re

from botv2.env import ROOT

REGISTRY = (ROOT / "static/js/charts/registry.js").read_text().partition("const ADAPTERS")[0]
CHART_KINDS = frozenset(re.findall(r'^  "?([a-z_-]+)"?: ', REGISTRY, re.MULTILINE))
