"""Fixtures that every app's tests share."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import TransactionTestCase
from django.utils import timezone, translation
from rest_framework.test import APIClient

from botv2.catalogues import compile_catalogues
from botv2.env import ROOT
from dashboard.models import Account, Authenticator, Membership
from dashboard.services.keys import key_create
from tests.server import Server
from tests.settings import POSTGRES, SCRATCH

# How long one example takes says nothing on a busy machine; what failed must be repeatable elsewhere.
hypothesis.settings.register_profile("botv2", deadline=None, print_blob=True)
hypothesis.settings.load_profile("botv2")

PASSWORD = "correct horse battery staple"
TOUCHES_BACKEND = {"db", "transactional_db", "django_db_setup", "live_server", "server", "new_server"}


def pytest_configure(config: pytest.Config) -> None:
    SCRATCH.mkdir(mode=0o700)
    config.add_cleanup(lambda: shutil.rmtree(SCRATCH, ignore_errors=True))
    compile_catalogues()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL and Redis run only what can tell the difference: tests with a database, a layer or a server."""
    if not POSTGRES:
        return
    kept = [item for item in items if touches_backend(item)]
    dropped = [item for item in items if not touches_backend(item)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def touches_backend(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("layer"):
        return True
    owner = getattr(item, "cls", None)
    if owner and issubclass(owner, TransactionTestCase):
        return True
    return bool(TOUCHES_BACKEND & set(getattr(item, "fixturenames", ())))


@pytest.fixture(autouse=True)
def language() -> None:
    """A request answered inside the test's own process leaves its language behind."""
    translation.deactivate()


@pytest.fixture
def account(db: None) -> Account:
    return Account.objects.create(slug="main", name="Main")


@pytest.fixture
def other_account(db: None) -> Account:
    """An account that none of `owner`, `operator` and `viewer` may see."""
    return Account.objects.create(slug="other", name="Other")


@pytest.fixture
def owner(account: Account) -> User:
    return member(account, Membership.Role.OWNER)


@pytest.fixture
def operator(account: Account) -> User:
    return member(account, Membership.Role.OPERATOR)


@pytest.fixture
def viewer(account: Account) -> User:
    return member(account, Membership.Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    """A user without any account."""
    return get_user_model().objects.create_user("stranger", password=PASSWORD)


@pytest.fixture
def admin_user(db: None) -> User:
    """Staff with every permission and a second factor, which the admin asks for."""
    user = get_user_model().objects.create_superuser("admin", password=PASSWORD)
    Authenticator.objects.create(user=user, name="a", secret="", last_step=0, created_at=timezone.now())
    return user


def member(account: Account, role: Membership.Role, name: str | None = None) -> User:
    user = get_user_model().objects.create_user(name or role.value, password=PASSWORD)
    Membership.objects.create(user=user, account=account, role=role)
    return user


@pytest.fixture
def make_key(db: None) -> Callable[..., str]:
    """`make_key(account, ["read", "ingest"])` returns a token."""

    def make(account: Account, scopes: Sequence[str] = ("read", "ingest", "write"), **options: Any) -> str:
        return key_create(account=account, scopes=scopes, now=timezone.now(), **options)[1]

    return make


@pytest.fixture
def api() -> Callable[[str | None], APIClient]:
    """`api(token)` returns a client that speaks JSON with this key; without a token, as nobody."""

    def client(token: str | None = None) -> APIClient:
        found = APIClient()
        if token:
            found.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return found

    return client


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files to import, kept outside the project; tests that need them are skipped where they are not."""
    folder = Path(os.environ.get("BOTV2_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip("no shared data: set BOTV2_SHARED to the folder that holds data/")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with an empty database and no demo. It is shared: make accounts of your own."""
    with running_server(tmp_path_factory.mktemp("server") / "var") as running:
        yield running


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`new_server(SETTING="value")` returns a running server of this test's own, which it may kill and start again."""
    with ExitStack() as stack:

        def start(**values: str) -> Server:
            return stack.enter_context(running_server(tmp_path / uuid.uuid4().hex[:8], **values))

        yield start


@contextmanager
def running_server(data: Path, **values: str) -> Iterator[Server]:
    with backend() as chosen:
        server = Server(data, {**chosen, **values})
        server.init()
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def backend() -> Iterator[dict[str, str]]:
    """Settings of a server on a database of its own."""
    if not POSTGRES:
        yield {}
        return
    url, name = os.environ["TEST_DATABASE_URL"], f"test_botv2_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}", "REDIS_URL": settings.REDIS_URL}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
