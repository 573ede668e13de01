"""The figures as Markdown and as JSON, with a verdict on each that has a goal."""

from dataclasses import asdict
from statistics import median
from typing import Any

from tools.lighthouse.goals import CATEGORIES, METRICS, QUICKER, Look, Visits

FIGURES = [*CATEGORIES.values(), *METRICS.values()]
JUDGED = "loaded"


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def looks_table(looks: list[Look]) -> list[str]:
    lines = [row("page", "device", "Lighthouse", *FIGURES), row(*["---"] * 3, *["---:"] * len(FIGURES))]
    for look in looks:
        cells = []
        for figure in FIGURES:
            value = look.median(figure)
            text = "" if value is None else f"{value:g}"
            if look.missed(figure):
                text = f"**{text}** (goal {look.goal(figure):g})"
            cells.append(text)
        lines.append(row(look.page, look.device, look.version, *cells))
    return lines


def visits_table(visits: list[Visits]) -> list[str]:
    moments = list(visits[0].first) if visits else []
    lines = [row("page", "device", *moments), row(*["---"] * 2, *["---:"] * len(moments))]
    for each in visits:
        cells = [
            f"{median(each.first[moment]):.0f} → {median(each.again[moment]):.0f} ms, {each.quicker(moment):g} % less"
            for moment in moments
        ]
        lines.append(row(each.page, each.device, *cells))
    return lines


def missed(looks: list[Look], visits: list[Visits]) -> list[str]:
    found = [
        f"{look.page}, {look.device}, Lighthouse {look.version}: {figure} {look.median(figure):g}, goal {goal:g}"
        for look in looks for figure in FIGURES if look.missed(figure) and (goal := look.goal(figure)) is not None
    ]  # fmt: skip
    found += [
        f"{each.page}, {each.device}: {JUDGED} {each.quicker(JUDGED):g} % quicker the second time, goal {QUICKER}"
        for each in visits if each.quicker(JUDGED) < QUICKER
    ]  # fmt: skip
    return found


def failed(looks: list[Look]) -> list[str]:
    return [
        f"- {look.page}, {look.device}, Lighthouse {look.version}, `{name}`: {text}"
        for look in looks for name, text in look.failed.items()
    ]  # fmt: skip


def markdown(head: str, looks: list[Look], visits: list[Visits]) -> str:
    verdict = [f"- {each}" for each in missed(looks, visits)] or ["Every goal is reached."]
    parts = [["# Lighthouse", "", head], looks_table(looks)]
    if visits:
        parts += [["## First visit → the same page again"], visits_table(visits)]
    parts += [["## Missed"], verdict]
    if audits := failed(looks):
        parts += [["## Audits that fail"], audits]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def record(head: dict[str, Any], looks: list[Look], visits: list[Visits]) -> dict[str, Any]:
    return {**head, "looks": [asdict(each) for each in looks], "visits": [asdict(each) for each in visits],
            "missed": missed(looks, visits)}  # fmt: skip
