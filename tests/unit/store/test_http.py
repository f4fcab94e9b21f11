from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from heisenberg.store.base import SourceFailed
from heisenberg.store.http import HttpSource
from heisenberg.store.partial import PartFile
from heisenberg.store.reach import why_unreachable
from tests.fakes.website import Asked, Website, closed_port

MIB = 1 << 20
BODY = hashlib.shake_128(b"model").digest(3 * MIB)


def ignore(_: int) -> None:
    pass


@pytest.fixture
def http() -> Iterator[HttpSource]:
    source = HttpSource(connect_timeout_s=5.0, stall_timeout_s=0.3)
    yield source
    source.close()


@pytest.fixture
def part(tmp_path: Path) -> Iterator[PartFile]:
    with PartFile(tmp_path / "model.bin", len(BODY), hashlib.sha256(BODY).hexdigest()) as part:
        yield part


@pytest.fixture
def begun(part: PartFile) -> PartFile:
    part.write(BODY[:1000])
    return part


def test_a_file_is_fetched(http: HttpSource, web: Website, part: PartFile) -> None:
    reached: list[int] = []
    http.fetch(web.put("/model", BODY), part, reached.append)
    assert part.is_whole()
    assert reached == sorted(reached)
    assert (reached[0], reached[-1]) == (0, len(BODY))


def test_a_download_is_resumed(http: HttpSource, web: Website, begun: PartFile) -> None:
    http.fetch(web.put("/model", BODY), begun, ignore)
    assert begun.is_whole()
    assert web.asked == [Asked("/model", 1000)]


def test_a_server_without_ranges_starts_over(
    http: HttpSource, web: Website, begun: PartFile
) -> None:
    http.fetch(web.put("/model", BODY, ranges=False), begun, ignore)
    assert begun.is_whole()


def test_a_range_that_is_another_one_is_refused(
    http: HttpSource, web: Website, begun: PartFile
) -> None:
    with pytest.raises(SourceFailed, match="another range"):
        http.fetch(web.put("/model", BODY, range_shift=7), begun, ignore)
    assert begun.offset == 1000


def test_a_range_beyond_the_file_starts_over(
    http: HttpSource, web: Website, begun: PartFile
) -> None:
    with pytest.raises(SourceFailed, match=r"offers 10 B instead of 3\.1 MB"):
        http.fetch(web.put("/model", b"0123456789"), begun, ignore)
    assert web.asked == [Asked("/model", 1000), Asked("/model", None)]


def test_a_broken_transfer_is_continued_where_it_broke(
    http: HttpSource, web: Website, part: PartFile
) -> None:
    http.fetch(web.put("/model", BODY, cuts=[MIB, MIB]), part, ignore)
    assert part.is_whole()
    assert web.asked == [Asked("/model", start) for start in (None, MIB, 2 * MIB)]


@pytest.mark.parametrize("states_size", [True, False])
def test_a_transfer_that_keeps_breaking_is_given_up(
    http: HttpSource, web: Website, part: PartFile, states_size: bool
) -> None:
    url = web.put("/model", BODY, cuts=[10, 10], states_size=states_size)
    with pytest.raises(SourceFailed, match="out of reach"):
        http.fetch(url, part, ignore)
    assert part.offset == 10
    with pytest.raises(SourceFailed):
        http.fetch(web.put("/other", BODY), part, ignore)
    assert web.asked == [Asked("/model", None)]


def test_a_transfer_that_stalls_is_given_up(http: HttpSource, web: Website, part: PartFile) -> None:
    with pytest.raises(SourceFailed, match=r"nothing came for 0\.3 s"):
        http.fetch(web.put("/model", BODY, stalls_after=500), part, ignore)
    assert part.offset == 500


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_an_error_status_fails_the_file_not_the_site(
    http: HttpSource, web: Website, part: PartFile, status: int
) -> None:
    with pytest.raises(SourceFailed, match=f"{web.site} answers {status}"):
        http.fetch(web.put("/bad", b"", status=status), part, ignore)
    http.fetch(web.put("/good", BODY), part, ignore)
    assert part.is_whole()


def test_a_page_instead_of_the_file_is_refused_before_it_is_read(
    http: HttpSource, web: Website, begun: PartFile
) -> None:
    url = web.put("/model", b"<html>Please log in</html>" * 100, ranges=False)
    with pytest.raises(SourceFailed, match="instead of"):
        http.fetch(url, begun, ignore)
    assert begun.offset == 1000


def test_an_endless_answer_is_refused(http: HttpSource, web: Website, part: PartFile) -> None:
    with pytest.raises(SourceFailed, match=r"more than 3\.1 MB"):
        http.fetch(web.put("/model", BODY + b"x", states_size=False), part, ignore)


def test_a_redirect_is_followed_with_the_range(
    http: HttpSource, web: Website, begun: PartFile
) -> None:
    target = web.put("/storage", BODY)
    http.fetch(web.put("/model", status=302, location=target, body=b""), begun, ignore)
    assert begun.is_whole()
    assert web.asked == [Asked("/model", 1000), Asked("/storage", 1000)]


def test_a_relative_redirect_is_followed(http: HttpSource, web: Website, part: PartFile) -> None:
    web.put("/files/storage", BODY)
    http.fetch(web.put("/files/model", b"", status=307, location="storage"), part, ignore)
    assert part.is_whole()


def test_endless_redirects_end(http: HttpSource, web: Website, part: PartFile) -> None:
    with pytest.raises(SourceFailed, match="redirects for ever"):
        http.fetch(web.put("/model", b"", status=302, location="/model"), part, ignore)


def test_a_dead_site_behind_a_redirect_is_tried_once(
    http: HttpSource, web: Website, part: PartFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = f"127.0.0.1:{closed_port()}"
    tried = count_probes(monkeypatch)
    for path in ("/one", "/two"):
        url = web.put(path, b"", status=302, location=f"http://{dead}/x")
        with pytest.raises(SourceFailed, match=f"{dead} is out of reach"):
            http.fetch(url, part, ignore)
    assert tried == [web.server_port, int(dead.split(":")[1])]


def test_a_refusing_site_is_tried_once(
    http: HttpSource, part: PartFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = closed_port()
    tried = count_probes(monkeypatch)
    for path in ("one", "two"):
        with pytest.raises(SourceFailed, match=r"out of reach \(connection refused"):
            http.fetch(f"http://127.0.0.1:{port}/{path}", part, ignore)
    assert tried == [port]


def test_a_site_without_tls_is_tried_once(http: HttpSource, web: Website, part: PartFile) -> None:
    url = web.url.replace("http://", "https://") + "/model"
    with pytest.raises(SourceFailed, match="SSL"):
        http.fetch(url, part, ignore)
    connections = web.connections
    with pytest.raises(SourceFailed, match="SSL"):
        http.fetch(url, part, ignore)
    assert web.connections == connections


def test_a_proxy_that_refuses_is_asked_once(
    http: HttpSource, web: Website, part: PartFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", web.url)
    for _ in range(2):
        with pytest.raises(SourceFailed, match=r"hub\.invalid is out of reach \(the proxy refuses"):
            http.fetch("https://hub.invalid/model", part, ignore)
    assert web.asked == [Asked("hub.invalid:443", None)]


def test_a_proxy_is_used(
    http: HttpSource, web: Website, part: PartFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", web.url)
    web.put("http://hub.invalid/model", BODY)
    http.fetch("http://hub.invalid/model", part, ignore)
    assert part.is_whole()


@pytest.mark.parametrize(
    ("name", "value"),
    [("https_proxy", "gopher://127.0.0.1"), ("SSL_CERT_FILE", "/nowhere/certificates.pem")],
)
def test_unusable_settings_of_the_environment_are_said(
    http: HttpSource,
    web: Website,
    part: PartFile,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SourceFailed, match="proxy or certificate settings"):
        http.fetch(web.put("/model", BODY), part, ignore)


def count_probes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    tried: list[int] = []

    def counting(host: str, port: int, timeout_s: float) -> str | None:
        tried.append(port)
        return why_unreachable(host, port, timeout_s)

    monkeypatch.setattr("heisenberg.store.http.why_unreachable", counting)
    return tried
