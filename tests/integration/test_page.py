"""How the page and its files are served."""

from __future__ import annotations

import re

from tests.fakes.api import serving


async def test_every_file_of_the_page_is_there_and_asked_for_again_after_an_update() -> None:
    async with serving() as api:
        page = await api.client.get("/")
        names = re.findall(r'"(/dashboard/[^"]+)"', page.text)
        assert len(names) > 5
        for name in names:
            first = await api.client.get(name)
            assert first.status_code == 200, name
            assert first.headers["cache-control"] == "no-cache"
            assert first.headers["x-content-type-options"] == "nosniff"
            known = {"If-None-Match": first.headers["etag"]}
            again = await api.client.get(name, headers=known)
            assert again.status_code == 304, name


async def test_the_page_may_run_only_what_is_served_with_it() -> None:
    async with serving() as api:
        for name in ("/", "/docs"):
            page = await api.client.get(name)
            assert "default-src 'self'" in page.headers["content-security-policy"]
            # No script and no style stands in the page itself.
            assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page.text)
