"""Our ES modules: the bare names by which they import each other, and what a module needs besides itself."""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

FOLDER = "js"
LIBRARIES = {"uplot": "vendor/uplot/uplot.js", "echarts": "vendor/echarts/echarts.js"}

# Of minified code, which holds no comments and always quotes names this way.
SPECIFIER = r"""["']([\w@./:-]+)["']"""
STATIC_IMPORT = re.compile(rf"(?:\bimport|\bfrom){SPECIFIER}")
DYNAMIC_IMPORT = re.compile(rf"\bimport\({SPECIFIER}\)")


def modules() -> dict[str, str]:
    """Bare name -> path below static, for every module of ours and the libraries they import."""
    static = Path(settings.STATICFILES_DIRS[0])
    found = (path.relative_to(static).as_posix() for path in sorted((static / FOLDER).rglob("*.js")))
    return {f"app/{path.removeprefix(FOLDER + '/')}": path for path in found} | LIBRARIES


def broken(minified: str) -> list[str]:
    """What a module imports that no import map leads to: relative names would lead to files without a hash."""
    known = modules()
    found = [*STATIC_IMPORT.findall(minified), *DYNAMIC_IMPORT.findall(minified)]
    if "import.meta.url" in minified:
        found.append("import.meta.url")
    return sorted({name for name in found if name not in known})


def closure(name: str, read: Callable[[str], str], *forms: re.Pattern[str]) -> list[str]:
    """A module and all it imports in one of `forms`, as bare names, itself first, then level by level.

    `read` returns the minified text of a path below static.
    """
    known, found = modules(), [name]
    for each in found:  # grows while it is read
        imported = [new for form in forms for new in form.findall(read(known[each]))]
        found += [new for new in dict.fromkeys(imported) if new not in found]
    return found
