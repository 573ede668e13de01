"""To a push service: encrypted for the browser, signed by us, and nowhere but to the public internet."""

import ipaddress
import logging
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from dashboard.models import PushSubscription

logger = logging.getLogger(__name__)

SENT, LATER, GONE, REFUSED = "sent", "later", "gone", "refused"
TIMEOUT = 5  # seconds to connect, and for each piece of the answer
MOST_ANSWER = 64 * 1024
KEPT_BY_SERVICE = 3600  # seconds in which a browser that is off may still come for it
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address behind a translator


def is_public(text: str) -> bool:
    """Whether an address that was dialled is one of the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if address in TRANSLATED or address.sixtofour or address.teredo:
            return False
    return address.is_global and not address.is_multicast


def may_dial(text: str) -> bool:
    loopback = settings.PUSH_TO_LOOPBACK and ipaddress.ip_address(text.partition("%")[0]).is_loopback
    return loopback or is_public(text)


def session() -> Any:
    """One that judges the address it is connected to before it says a word, follows nothing and reads little."""
    import requests  # here, as servers that push nothing need not load it
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import NewConnectionError

    class Guard(HTTPConnection):
        def _new_conn(self) -> Any:
            socket = super()._new_conn()
            if not may_dial(socket.getpeername()[0]):
                socket.close()
                raise NewConnectionError(self, "the address is not one of the public internet")
            return socket

    class GuardedHTTPS(Guard, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Guard

    class PoolHTTPS(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": PoolHTTPS}

    class Session(requests.Session):
        def post(self, url: Any, *args: Any, **options: Any) -> requests.Response:
            response = super().post(url, *args, allow_redirects=False, stream=True, **options)
            response._content = response.raw.read(MOST_ANSWER, decode_content=False)
            response.close()
            return response

    made = Session()
    made.trust_env = False  # through a proxy the address would be the proxy's
    made.mount("https://", Adapter())
    made.mount("http://", Adapter())
    return made


def post(browser: PushSubscription, body: bytes) -> tuple[str, timedelta | None]:
    """Send; return what became of it, and how long the service wants us to wait."""
    from pywebpush import WebPushException, webpush
    from requests import RequestException

    info = {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}}
    made = session()
    try:
        webpush(
            info,
            body,
            vapid_private_key=settings.VAPID_PRIVATE_KEY,
            vapid_claims={"sub": settings.PUSH_CONTACT},
            headers={"Urgency": "high"},
            ttl=KEPT_BY_SERVICE,
            timeout=TIMEOUT,
            requests_session=made,
        )
    except WebPushException as error:
        return judged(error.status_code), waited(error.retry_after)
    except RequestException as error:
        logger.info("push not sent: %s", type(error).__name__)
        return LATER, None
    finally:
        made.close()
    return SENT, None


def judged(status: int | None) -> str:
    if status in (404, 410):
        return GONE
    if status is None or status == 429 or status >= 500:
        return LATER
    logger.warning("a push service answered %s", status)
    return REFUSED


def waited(text: str | None) -> timedelta | None:
    """`Retry-After`, at most an hour."""
    if not text:
        return None
    try:
        seconds = float(text) if text.isdigit() else (parsedate_to_datetime(text) - timezone.now()).total_seconds()
    except (ValueError, TypeError):
        return None
    return timedelta(seconds=min(max(seconds, 0), 3600))
