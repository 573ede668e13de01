"""What every closer look shares: where it is, what it follows live, and where its data are as JSON."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.models import Account


@dataclass(frozen=True)
class Look:
    """`kind` and `key` name it in addresses (`?show=trade-12`). It is fetched anew after events of the types `live`;
    of trades, after those whose row has `only` (a name and a value), if given. `previous` and `next` are names of
    others of its kind, where the page that it is opened on does not list them."""

    kind: str
    key: str
    api: str
    live: str = ""
    only: tuple[str, Any] | None = None
    previous: str | None = None
    next: str | None = None

    @property
    def file(self) -> str:
        """What its data are saved as."""
        return f"{self.kind}-{self.key}.json".replace("/", "-")


def closer(request: HttpRequest, context: dict[str, Any], look: Look, **shown: Any) -> HttpResponse:
    slug = context["account"].slug
    own = {
        "look": look,
        "module": "app/pages/show.js",
        "previous_path": look.previous and path_of(slug, look.previous),
        "next_path": look.next and path_of(slug, look.next),
    }
    return render(request, f"show/{look.kind}.html", context | own | shown)


def path_of(slug: str, name: str) -> str:
    """Where something is shown as a page, by its name in addresses."""
    kind, _, key = name.partition("-")
    return f"/a/{slug}/show/{kind}/{quote(key)}"


def source(account: Account, path: str, **query: Any) -> str:
    """An address of the API; what is not given is left out."""
    given = {"account": account.slug, **query}
    wanted = {name: value for name, value in given.items() if value not in (None, [], "")}
    return f"/api/{path}?{urlencode(wanted, doseq=True)}"
