"""Third-party files are what their manifest says, each with its licence, and nothing else lies beside them."""

import hashlib
import json

from botv2.env import ROOT

VENDOR = ROOT / "static/vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())
LICENCES = {"MIT": "Permission is hereby granted", "ISC": "ISC License", "OFL-1.1": "SIL OPEN FONT LICENSE",
            "Apache-2.0": "Apache License"}  # fmt: skip


def test_every_file_is_listed_and_unchanged() -> None:
    listed = {path: digest for library in MANIFEST for path, digest in library["files"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert found == listed


def test_every_library_has_a_version_and_its_licence() -> None:
    for library in MANIFEST:
        assert library["version"]
        assert library["changes"]
        text = (VENDOR / library["name"] / "LICENSE").read_text()
        assert LICENCES[library["licence"]].lower() in text.lower(), library["name"]
