"""One request to BotV2, and what its answer means."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from botv2_client.entry import LISTS, Batch

TIMEOUT = 10.0
LONGEST_WAIT = 600.0  # that a Retry-After is believed
REFUSED = {400, 413, 422}
PASSING = {408, 409, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Stored:
    """BotV2 has taken the request; `refused` says why not these entries, by index."""

    refused: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """Nothing of the request was stored, and nothing of it will ever be as it is."""

    error: str


@dataclass(frozen=True)
class Later:
    """To be sent again: after `wait` seconds if BotV2 said so, and `slowly` where somebody has to act first."""

    error: str
    wait: float | None = None
    slowly: bool = False
    fault: bool = False  # of BotV2 itself, perhaps over this very request


class Delivery:
    def __init__(self, url: str, key: str, *, trust_env: bool, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.url = f"{url.rstrip('/')}/api/"
        self.http = httpx.Client(headers=headers, timeout=TIMEOUT, trust_env=trust_env, transport=transport)

    def send(self, batch: Batch) -> Stored | Refused | Later:
        path, body = batch.request()
        try:
            response = self.http.post(self.url + path, content=body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return Later(f"{self.url} does not answer: {type(error).__name__}: {error}")
        if response.is_success:
            return stored(batch, answer(response))
        said = f"{response.status_code} {described(answer(response))}"
        if response.status_code in REFUSED:
            return Refused(said)
        if response.status_code in PASSING:
            fault = response.status_code == 500
            return Later(f"{self.url}{path} answers {said}", wait_of(response), fault=fault)
        return Later(f"{self.url}{path} answers {said}; everything is kept", wait_of(response), slowly=True)

    def close(self) -> None:
        self.http.close()


def answer(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def stored(batch: Batch, said: Any) -> Stored | Later:
    """Only BotV2's own answer counts: a page of a proxy may be a success as well."""
    match said:
        case {"success": True, "data": {"items": list(items)}} if len(items) == len(batch.rows):
            refused = {index: item for index, item in enumerate(items) if item.get("status") in ("invalid", "conflict")}
            return Stored({index: described_fields(item.get("errors")) for index, item in refused.items()})
        case {"success": True} if batch.kind not in LISTS:
            return Stored()
    return Later("this is no answer of BotV2: the address may be wrong; everything is kept", slowly=True)


def described(said: Any) -> str:
    match said:
        case {"error": {"message": str(message), **rest}}:
            return " ".join(filter(None, [message, described_fields(rest.get("fields"))]))
    return "without a reason"


def described_fields(fields: Any) -> str:
    if not isinstance(fields, dict):
        return ""
    return "; ".join(
        f"{name}: {' '.join(map(str, why)) if isinstance(why, list) else why}" for name, why in fields.items()
    )


def wait_of(response: httpx.Response) -> float | None:
    """The seconds of Retry-After, which may also be given as a date."""
    said = response.headers.get("Retry-After", "")
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST_WAIT)
    try:
        ahead = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(ahead, 0.0), LONGEST_WAIT)
