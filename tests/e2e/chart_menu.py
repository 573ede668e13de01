"""What the menu of a chart does, and the files that it saves."""

from pathlib import Path

from playwright.sync_api import Locator, Page


def act(panel: Locator, name: str) -> None:
    panel.locator(".chart-menu > summary").click()
    panel.locator(f'[data-act="{name}"]').click()


def saved(page: Page, panel: Locator, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        act(panel, name)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
