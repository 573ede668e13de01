"""One build of the static files from one state of the sources."""

import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template import engines
from django.templatetags.static import StaticNode

from dashboard.assets.storage import BrokenReference, MinifyingStorage

STAMP = ".prepared"
BUNDLE = re.compile(r"CACHE/[\w./-]+")


def is_built() -> bool:
    """Whether what is collected was made of the sources as they are now."""
    stamp = settings.STATIC_ROOT / STAMP
    return stamp.is_file() and stamp.read_text() == fingerprint()


def build() -> None:
    """Collect, minify, hash and compress. Raises where a file that something refers to is missing.

    The files of the build before stay: pages that are open, and a server that still runs, ask for them. Older ones go.
    """
    before = referred()
    call_command("collectstatic", verbosity=0, interactive=False)
    check_templates()
    call_command("compress", verbosity=0, force=True)
    sweep(before | referred())
    (settings.STATIC_ROOT / STAMP).write_text(fingerprint())


def referred() -> set[str]:
    """What the build in place is made of: paths below STATIC_ROOT, without their compressed forms."""
    bundles = settings.STATIC_ROOT / "CACHE" / "manifest.json"
    found = BUNDLE.findall(bundles.read_text()) if bundles.is_file() else []
    return {*MinifyingStorage().hashed_files.values(), *found}


def sweep(kept: set[str]) -> None:
    for path in settings.STATIC_ROOT.rglob("*"):
        name = path.relative_to(settings.STATIC_ROOT).as_posix()
        if path.is_file() and path.suffix != ".json" and name.removesuffix(".br").removesuffix(".gz") not in kept:
            path.unlink()


def check_templates() -> None:
    """Read every template, since `compress` passes over those it cannot read, and look up the files they name."""
    for folder in settings.TEMPLATES[0]["DIRS"]:
        for path in sorted(Path(folder).rglob("*.html")):
            name = path.relative_to(folder).as_posix()
            parsed = engines["django"].get_template(name).template  # type: ignore[attr-defined]
            for node in parsed.nodelist.get_nodes_by_type(StaticNode):
                if isinstance(file := node.path.var, str):
                    try:
                        staticfiles_storage.url(file)
                    except ValueError as error:
                        raise BrokenReference(f"templates/{name}: {error}") from None


def fingerprint() -> str:
    """What the build depends on: the sources, how they are built, and the versions of what builds them."""
    base, found = settings.BASE_DIR, hashlib.sha256()
    for path in (base / "botv2" / "settings.py", base / "requirements" / "base.txt"):
        found.update(path.read_bytes())
    for folder in (*settings.STATICFILES_DIRS, *settings.TEMPLATES[0]["DIRS"], base / "dashboard" / "assets"):
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(str(path.relative_to(folder)).encode())
                found.update(path.read_bytes())
    return found.hexdigest()
