"""The application's icons, drawn from the mark: `python -m tools.icons` writes them after the mark has changed."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.programs import find_chromium

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
MARK = "M6 14.5v3M11 11v10M16 6.5v19M21 11.5v9M26 14.5v3"
# Name, pixels, how much of the square the mark takes, ground and ink. Systems cut icons that fill the square: at most
# the inner four fifths of a maskable one are sure to be seen.
ICONS = (
    ("icon-192.png", 192, 1.0, "rounded", "#7aa2ff"),
    ("icon-512.png", 512, 1.0, "rounded", "#7aa2ff"),
    ("icon-maskable-512.png", 512, 0.78, "whole", "#7aa2ff"),
    ("apple-touch-icon.png", 180, 0.9, "whole", "#7aa2ff"),
    ("badge-96.png", 96, 1.1, "none", "#ffffff"),
)
GROUNDS = {
    "rounded": '<rect width="32" height="32" rx="7" fill="#101317"/>',
    "whole": '<rect width="32" height="32" fill="#101317"/>',
    "none": "",
}


def drawing(share: float, ground: str, ink: str) -> str:
    placed = f"translate(16 16) scale({share}) translate(-16 -16)"
    line = f'<path d="{MARK}" transform="{placed}" stroke="{ink}" stroke-width="2.8" stroke-linecap="round"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{GROUNDS[ground]}{line}</svg>'


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for name, size, share, ground, ink in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            style = "<style>body { margin: 0 } svg { display: block }</style>"
            page.set_content(style + drawing(share, ground, ink))
            page.screenshot(path=IMAGES / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
