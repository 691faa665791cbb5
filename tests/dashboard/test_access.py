"""Who is let in: token, name and password, the cookie, and how wrong tries are slowed down."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import pytest

from coterie.dashboard import Session, access_for, is_loopback, refuse_unguarded
from coterie.dashboard.access import (
    MOST_WRONG,
    MOST_WRONG_OF_ALL,
    SESSION_SECONDS,
    WINDOW_SECONDS,
    Access,
    Hashed,
    Sessions,
    WrongTries,
)
from coterie.errors import UsageError
from tests_dashboard import client_of

TOKEN = "a-token-of-27-signs-and-more"
PASSWORD = "käse und brot"


class Clock:
    """Tells the time that it is told."""

    now = 1_000.0

    def __call__(self):
        return self.now


def basic(user, password):
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token):
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def session(saved):
    found = Session(saved)
    found.start()
    return found


@pytest.fixture
def by_token(session):
    with client_of(session, Access(token=Hashed.of(TOKEN))) as client:
        yield client


@pytest.fixture
def by_user(session):
    with client_of(session, Access(user="ann", password=Hashed.of(PASSWORD))) as client:
        yield client


def test_a_program_shows_the_token(by_token):
    assert by_token.get("/api/run").status_code == 401
    assert by_token.get("/api/run", headers=bearer("wrong")).status_code == 401
    assert by_token.get("/api/run", headers=bearer(TOKEN)).json()["customers"] == 160
    assert by_token.get("/api/run", headers={"authorization": TOKEN}).status_code == 401
    assert by_token.get("/api/run", headers=basic("", TOKEN)).status_code == 401


def test_what_is_asked_for_is_told(by_token):
    found = by_token.get("/api/run")
    assert found.headers["www-authenticate"] == 'Bearer realm="Coterie"'
    assert found.json() == {"detail": "Log in to look at this dashboard."}


def test_everything_of_the_run_is_behind_the_door(by_token):
    for path in ("/", "/segments/1", "/customers.csv", "/customers.parquet", "/nowhere", "/static", "/healthz/x"):
        assert by_token.get(path).status_code == 303, path
    for path in ("/api/run", "/api/openapi.json", "/api/nowhere"):
        assert by_token.get(path).status_code == 401, path
    assert by_token.get("/healthz").json() == {"status": "ok"}
    assert by_token.get("/static/dashboard.css").status_code == 200


def test_a_person_logs_in_by_the_form_and_comes_back_to_the_page(by_token):
    sent = by_token.get("/trends?segment=1&city=Kairo%20%26%20Giza")
    assert sent.status_code == 303
    form = by_token.get(sent.headers["location"])
    after = re.search('name="next" value="(.*?)"', form.text)[1].replace("&amp;", "&")
    assert after == "/trends?segment=1&city=Kairo%20%26%20Giza"
    # A form says "null" where browsers are told to say nothing of where they were.
    entered = by_token.post("/login", data={"token": TOKEN, "next": after}, headers={"origin": "null"})
    assert (entered.status_code, entered.headers["location"]) == (303, after)
    cookie = entered.headers["set-cookie"]
    assert re.fullmatch(r"coterie_session=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", cookie)
    assert TOKEN not in cookie
    assert by_token.get("/").status_code == 200
    by_token.cookies.clear()
    assert by_token.get("/").status_code == 303


def test_behind_tls_the_cookie_goes_nowhere_else(session):
    with client_of(session, Access(token=Hashed.of(TOKEN)), "https://shop.example") as client:
        assert "; Secure" in client.post("/login", data={"token": TOKEN}).headers["set-cookie"]


def test_a_cookie_of_somebody_elses_making_opens_nothing(by_token):
    for value in ("", "x", "a" * 43):
        assert by_token.get("/api/run", headers={"cookie": f"coterie_session={value}"}).status_code == 401


@pytest.mark.parametrize(
    "after",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nset-cookie: x=1"],
)
def test_the_form_leads_to_no_other_site(by_token, after):
    assert by_token.post("/login", data={"token": TOKEN, "next": after}).headers["location"] == "/"


def test_what_stands_in_the_form_is_escaped(by_token):
    page = by_token.get("/login", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("body", "kind"),
    [("token=wrong", "application/x-www-form-urlencoded"), ("&".join(["a=1"] * 50), "application/x-www-form-urlencoded"),
     ('{"token": "x"}', "application/json"), (b"\xff\xfe", "application/x-www-form-urlencoded"), ("", "")],
)  # fmt: skip
def test_a_wrong_form_is_asked_for_again(by_token, body, kind):
    found = by_token.post("/login", content=body, headers={"content-type": kind})
    assert found.status_code in (400, 401)
    assert "This is not the token." in found.text
    assert "set-cookie" not in found.headers


def test_a_person_shows_name_and_password(by_user):
    found = by_user.get("/")
    assert (found.status_code, found.headers["www-authenticate"]) == (401, 'Basic realm="Coterie", charset="UTF-8"')
    assert by_user.get("/", headers=basic("ann", PASSWORD)).status_code == 200
    for wrong in (basic("ann", "brot"), basic("bob", PASSWORD), basic("ann", ""), bearer("brot")):
        assert by_user.get("/", headers=wrong).status_code == 401
    assert by_user.get("/login").status_code == 401  # there is no form without a token


@pytest.mark.parametrize("value", ["Basic", "Basic !!!", "Basic /w==", "Digest x", "", "Basic " + "A" * 9_000])
def test_broken_credentials_are_wrong_ones(by_user, value):
    assert by_user.get("/", headers={"authorization": value}).status_code == 401


def test_after_some_wrong_tries_none_is_looked_at_but_who_is_in_stays_in(by_user):
    assert by_user.get("/", headers=basic("ann", PASSWORD)).status_code == 200
    tried = [by_user.get("/api/run", headers=basic("ann", f"guess {n}")).status_code for n in range(MOST_WRONG + 2)]
    assert tried == [401] * MOST_WRONG + [429] * 2
    assert by_user.get("/api/run", headers=basic("ann", PASSWORD)).status_code == 200


def test_a_right_password_waits_too_after_wrong_ones(by_user):
    for n in range(MOST_WRONG):
        by_user.get("/api/run", headers=basic("ann", f"guess {n}"))
    found = by_user.get("/api/run", headers=basic("ann", PASSWORD))
    assert (found.status_code, found.headers["retry-after"]) == (429, "60")


def test_wrong_tries_are_forgotten_after_a_while():
    clock = Clock()
    wrong = WrongTries(clock)
    for _ in range(MOST_WRONG):
        assert not wrong.too_many("10.0.0.1")
        wrong.count("10.0.0.1")
    assert (wrong.too_many("10.0.0.1"), wrong.too_many("10.0.0.2")) == (True, False)
    clock.now += WINDOW_SECONDS
    assert not wrong.too_many("10.0.0.1")


def test_many_addresses_share_what_all_may_try():
    wrong = WrongTries(Clock())
    for n in range(MOST_WRONG_OF_ALL):
        assert not wrong.too_many(f"10.0.0.{n}")
        wrong.count(f"10.0.0.{n}")
    assert wrong.too_many("10.9.9.9")


def test_the_addresses_of_one_network_are_one():
    wrong = WrongTries(Clock())
    for n in range(MOST_WRONG):
        wrong.count(f"2001:db8::{n}")
    assert wrong.too_many("2001:db8::ffff")
    assert not wrong.too_many("2001:db8:0:1::1")


def test_a_session_ends():
    clock = Clock()
    sessions = Sessions(clock)
    first, second = sessions.begin(), sessions.begin()
    assert first != second
    assert sessions.holds(first)
    clock.now += SESSION_SECONDS
    assert not sessions.holds(first)


def test_secrets_are_kept_hashed():
    one, other = Hashed.of(TOKEN), Hashed.of(TOKEN)
    assert one.digest != other.digest
    assert (one.fits(TOKEN), one.fits(TOKEN + "x"), one.fits("")) == (True, False, False)
    access = Access(token=one, user="ann", password=Hashed.of(PASSWORD))
    assert TOKEN not in repr(access)
    assert PASSWORD not in repr(access)


def test_a_token_is_read_from_its_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(f"  {TOKEN}\n", encoding="utf-8")
    access = access_for(path, None, lambda: None)
    assert access.token.fits(TOKEN)
    assert (access.open, Access().open) == (False, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "holds no token"), (b"two words and some more", "holds no token"), (b"k\xc3\xa4se" * 5, "holds no token"),
     (b"short", "has 5 characters and could be guessed. Use 16 or more"), (None, "cannot be read: no such file")],
)  # fmt: skip
def test_a_poor_token_is_refused(tmp_path, content, said):
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        access_for(path, None, lambda: None)


def test_a_password_comes_from_the_environment_or_is_asked_for(monkeypatch):
    monkeypatch.setenv("COTERIE_PASSWORD", PASSWORD)
    assert access_for(None, "ann", lambda: "never asked").password.fits(PASSWORD)
    monkeypatch.delenv("COTERIE_PASSWORD")
    assert access_for(None, "ann", lambda: "typed in now").password.fits("typed in now")
    with pytest.raises(UsageError, match="--user ann needs a password: put it into COTERIE_PASSWORD"):
        access_for(None, "ann", lambda: None)
    with pytest.raises(UsageError, match="has 5 characters and could be guessed"):
        access_for(None, "ann", lambda: "12345")
    with pytest.raises(UsageError, match="is no name"):
        access_for(None, "a:b", lambda: PASSWORD)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example", "::"])
def test_beyond_this_machine_somebody_must_be_asked(host):
    with pytest.raises(UsageError, match=r"can be reached from other machines.*Add --token-file FILE or --user NAME"):
        refuse_unguarded(host, Access(), loopback=is_loopback(host))
    refuse_unguarded(host, Access(token=Hashed.of(TOKEN)), loopback=is_loopback(host))
    refuse_unguarded("127.0.0.1", Access(), loopback=is_loopback("127.0.0.1"))


@pytest.mark.parametrize("path", ["/static/anything", "/static/", "/static/a/b", "/static/../segments"])
def test_files_that_there_are_not_are_behind_the_door(by_token, path):
    found = by_token.get(path)
    assert found.status_code == 303
    assert found.text == ""


def test_a_message_to_a_stranger_has_nothing_of_the_run(by_token, session):
    label = session._loaded.result().result.label
    assert label in by_token.get("/nowhere", headers=bearer(TOKEN)).text
    found = by_token.post("/static/dashboard.css")
    assert found.status_code == 405
    assert label not in found.text
    assert 'class="brand" href' not in found.text


@pytest.mark.parametrize(
    ("current", "after"),
    [
        ("http://127.0.0.1:8765/trends?segment=1&city=Kairo%20%26%20Giza", "/trends?segment=1&city=Kairo%20%26%20Giza"),
        ("http://127.0.0.1:8765/metrics#by", "/metrics"),
        ("http://127.0.0.1:8765", "/"),
        ("https://evil.example/trends", "/"),
        ("http://127.0.0.1:8765//evil.example", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_a_part_of_a_page_that_needs_a_login_sends_the_whole_page_there(by_token, current, after):
    found = by_token.get("/trends?segment=2", headers={"hx-request": "true", "hx-current-url": current})
    assert found.status_code == 401
    assert found.headers["hx-redirect"] == f"/login?next={quote(after, safe='')}"
    assert found.headers["www-authenticate"] == 'Bearer realm="Coterie"'
    assert by_token.get(found.headers["hx-redirect"]).status_code == 200


def test_a_link_in_a_mail_opens_and_a_post_of_another_site_does_not(by_token):
    by_token.post("/login", data={"token": TOKEN})
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert by_token.get("/trends", headers=followed).status_code == 200
    assert by_token.post("/api/score", json={"features": {}}, headers=followed).status_code == 403


def test_who_has_logged_in_can_log_out(by_token):
    button = '<form method="post" action="/logout"><button type="submit">Log out</button></form>'
    by_token.post("/login", data={"token": TOKEN})
    cookie = by_token.cookies["coterie_session"]
    assert button in by_token.get("/").text
    assert button in by_token.get("/nowhere").text
    left = by_token.post("/logout", headers={"sec-fetch-site": "same-origin", "origin": "null"})
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert re.search(r'^coterie_session=""; .*Max-Age=0', left.headers["set-cookie"])
    by_token.cookies.clear()
    assert by_token.get("/").status_code == 303
    assert by_token.get("/api/run", headers={"cookie": f"coterie_session={cookie}"}).status_code == 401
    known = by_token.get("/", headers={"authorization": f"Bearer {TOKEN}"})
    assert known.status_code == 200
    assert button not in known.text


def test_no_other_site_logs_anybody_out(by_token):
    by_token.post("/login", data={"token": TOKEN})
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert by_token.post("/logout", headers=headers).status_code == 403
    for ask in (by_token.get, by_token.put):
        assert ask("/logout").status_code in (404, 405)
    assert by_token.get("/").status_code == 200


def test_where_nobody_logs_in_there_is_no_way_out(client, by_user):
    assert "Log out" not in client.get("/").text
    assert client.post("/logout").status_code in (404, 405)
    assert by_user.post("/logout").status_code == 401
