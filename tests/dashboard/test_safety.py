"""What stands before every page: the name asked for, other sites, sizes, and the headers of every answer."""

from __future__ import annotations

import pytest

from coterie.dashboard import allowed_hosts
from coterie.dashboard.safety import HEADERS, LARGEST_BODY
from coterie.errors import UsageError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/dashboard.css", "/api/run", "/api/nowhere", "/?nope=1"])
def test_every_answer_has_the_headers(client, path):
    found = client.get(path).headers
    assert found["content-security-policy"] == POLICY
    assert (found["x-content-type-options"], found["referrer-policy"]) == ("nosniff", "no-referrer")
    assert (found["x-frame-options"], found["cross-origin-resource-policy"]) == ("DENY", "same-origin")
    assert all(len(found.get_list(name)) == 1 for name in HEADERS)
    assert found["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "[::1]:8765"])
def test_names_of_this_machine_are_answered(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:8765", "localhost.", "", "127.0.0.1@evil.example", "a b",
     "127.0.0.1:8765, evil.example", "0.0.0.0", "2130706433", "127.0.0.1:port"],
)  # fmt: skip
def test_other_names_are_refused(client, host):
    found = client.get("/", headers={"host": host})
    assert found.status_code == 400
    assert "not asked for under this name" in found.text
    assert found.headers["content-security-policy"] == POLICY


def test_two_names_are_refused(client):
    assert client.get("/", headers=[("host", "127.0.0.1"), ("host", "evil.example")]).status_code == 400


def test_which_names_are_allowed():
    assert allowed_hosts("127.0.0.1", ()) == {"localhost", "127.0.0.1", "::1"}
    assert allowed_hosts("0.0.0.0", ["Shop.example"]) == {"localhost", "127.0.0.1", "::1", "shop.example"}
    assert allowed_hosts("shop.lan", ["[fe80::1]"]) == {"localhost", "127.0.0.1", "::1", "shop.lan", "fe80::1"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_everywhere_needs_a_name(host):
    with pytest.raises(UsageError, match=r"Say under which name it is to be asked for, such as --allowed-host"):
        allowed_hosts(host, ())


@pytest.mark.parametrize("name", ["shop.example:80", "https://shop.example", "*.shop.example", "", "a b"])
def test_a_name_is_a_name(name):
    with pytest.raises(UsageError, match="is no name of a host"):
        allowed_hosts("127.0.0.1", [name])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, 403),
    ],
)
def test_a_page_of_another_site_may_link_here_and_no_more(client, headers, status):
    assert client.get("/api/run", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422),
        ({"origin": "http://127.0.0.1:8765"}, 422),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 422),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[broken"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 403),
    ],
)
def test_a_page_of_another_site_posts_nothing(client, headers, status):
    assert client.post("/api/score", json={"features": {}}, headers=headers).status_code == status


def test_a_simple_form_of_another_site_cannot_pretend_to_be_json(client):
    sent = client.post("/api/score", content='{"features": {}}', headers={"content-type": "text/plain"})
    assert sent.status_code == 422
    assert client.post("/api/score", content='{"features": {}}').status_code == 422


@pytest.mark.parametrize("size", [LARGEST_BODY, LARGEST_BODY + 1])
def test_a_large_body_is_refused(client, size):
    sent = client.post("/api/score", content=b" " * size, headers={"content-type": "application/json"})
    assert sent.status_code == (422 if size == LARGEST_BODY else 413)


def test_a_large_body_without_a_length_is_refused(client):
    parts = (b" " * 1024 for _ in range(65))
    sent = client.post("/api/score", content=parts, headers={"content-type": "application/json"})
    assert sent.status_code == 413
    assert sent.json() == {"detail": "A request may have 64 KB and no more."}


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 30])
def test_a_length_that_is_none_is_refused(client, length):
    sent = client.post(
        "/api/score", content=b"", headers={"content-type": "application/json", "content-length": length}
    )
    assert sent.status_code == 413


def test_a_long_address_is_refused(client):
    assert client.get(f"/customers/{'a' * 5_000}").status_code == 414
    assert client.get(f"/?city={'a' * 20_000}").status_code == 414


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize(("path", "allowed"), [("/", "GET, HEAD"), ("/api/score", "POST"), ("/api/run", "GET")])
def test_other_methods_are_refused(client, method, path, allowed):
    found = client.request(method, path)
    assert (found.status_code, found.headers["allow"]) == (405, allowed)


def test_nothing_but_login_and_scoring_is_posted(client):
    for path in ("/", "/segments", "/customers.csv", "/static/dashboard.css", "/api/run"):
        assert client.post(path).status_code == 405, path


@pytest.mark.parametrize(
    "path",
    ["/../manifest.json", "/static/../manifest.json", "/static/..%2f..%2fetc/passwd", "/static/%2e%2e/x", "/..%00/x",
     "/run/manifest.json", "/static/dashboard.css/", "http://127.0.0.1:8765//evil.example/", "/customers/..%2f..%2fmanifest.json",
     "/static/%252e%252e%252fmanifest.json", "/customers.csv/../model.json"],
)  # fmt: skip
def test_no_path_leads_out(client, path):
    found = client.get(path)
    assert found.status_code in (400, 404)
    assert "Traceback" not in found.text
    assert "fingerprint" not in found.text


def test_no_page_runs_scripts_or_styles_of_its_own(live):
    for path in ("/", "/segments", "/segments/1", "/metrics", "/customers", "/model", "/nowhere"):
        page = live.get(path).text
        assert "<style" not in page, path
        assert " style=" not in page, path
        assert "onclick=" not in page, path
        for script in page.split("<script")[1:]:
            assert script.startswith((' src="/static/', ' type="application/json"')), path
