"""A client that asks a dashboard within the process."""

from __future__ import annotations

from starlette.testclient import TestClient

from coterie.dashboard import Access, Session, allowed_hosts
from coterie.dashboard.app import guarded

ORIGIN = "http://127.0.0.1:8765"


def client_of(session: Session, access: Access | None = None, origin: str = ORIGIN) -> TestClient:
    """Asks as a browser on this machine would; failures of the server come as answers."""
    app = guarded(session, access or Access(), allowed_hosts("127.0.0.1", ["shop.example"]))
    return TestClient(app, base_url=origin, raise_server_exceptions=False, follow_redirects=False)
