"""Tests that a document names as `tests/folder/test_file.py::test_name`."""

import re

from botv2.env import ROOT

NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")


def named(text: str) -> list[tuple[str, str]]:
    """The files and tests that `text` names; one that does not exist fails the caller."""
    found = NAMED.findall(text)
    for path, name in found:
        assert re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), f"{path}::{name}"
    return found
