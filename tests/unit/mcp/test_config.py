"""How servers are configured, and what is said about wrong ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from heisenberg.core.config import Config
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.errors import ConfigError
from heisenberg.mcp.skill import mcp_skills
from heisenberg.skills.discovery import load_repertoire

SERVERS = """
[mcp.servers.files]
command = ["files-server", "--read-only"]
env = { TOKEN = "s3cret-key" }
allow = ["read_file"]

[mcp.servers.web]
url = "https://example.org/mcp"
headers = { Authorization = "Bearer s3cret-key" }
confirm = ["send"]
timeout_s = 5
"""


def test_servers_are_read_and_their_secrets_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "h.toml"
    file.write_text(SERVERS)
    config = Config.load(file)
    files, web = config.mcp.servers.values()
    assert (files.command, files.allow, files.confirm) == (
        ("files-server", "--read-only"),
        ("read_file",),
        "changes",
    )
    assert (web.confirm, web.timeout_s, web.allow) == (("send",), 5.0, ())
    assert "s3cret" not in repr(config)
    assert "s3cret" not in config.model_dump_json()


def test_what_config_show_prints_of_them_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "heisenberg.toml").write_text(SERVERS)

    def show(*arguments: str) -> str:
        command = [sys.executable, "-m", "heisenberg", "config", "show", *arguments]
        ended = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
        )
        return ended.stdout

    shown = show()
    assert "# TOKEN is set, and not shown" in shown
    assert "s3cret" not in shown
    (tmp_path / "heisenberg.toml").write_text(shown)
    servers = json.loads(show("--json"))["mcp"]["servers"]
    assert servers["files"]["command"] == ["files-server", "--read-only"]
    assert servers["web"]["url"] == "https://example.org/mcp"


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        ("{}", "set either command or url"),
        ('{command = "x", url = "http://localhost/"}', "set either command or url"),
        ('{url = "localhost:8000"}', "url is like http://localhost:8000/mcp"),
        ('{url = "http://me:s3cret@localhost/"}', "a password goes into headers"),
        ('{url = "http://localhost/", env = {A = "s3cret"}}', "env is for a server with a command"),
        ('{command = "x", headers = {A = "s3cret"}}', "headers are for a server with a url"),
        ('{command = "x", env = {"A B" = "s3cret"}}', "env"),
        ('{command = "x", env = {A = ["s3cret"]}}', "env.A: input should be a valid string"),
        (
            '{url = "http://localhost/", headers = {A = "s3cret\\nB: c"}}',
            "env and headers is one line",
        ),
        ('{command = "x", allow = ["*"]}', "allow"),
        ('{command = "x", confirm = "sometimes"}', "'changes', 'all' or 'none'"),
        ('{command = "x", timeout_s = 0}', "timeout_s"),
        ('{command = "x", alow = ["x"]}', "there is no setting 'mcp.servers.house.alow'"),
    ],
)
def test_a_wrong_one_is_told_without_its_secrets(server: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.load(None, [f"mcp.servers.house={server}"])
    assert problem in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["My-House", "a b", "x" * 40])
def test_a_name_is_one_word(name: str) -> None:
    with pytest.raises(ConfigError, match=r"mcp\.servers"):
        Config.load(None, [f'mcp.servers={{"{name}" = {{command = "x"}}}}'])


def test_a_server_is_a_skill_that_may_be_left_out_and_has_a_name_of_its_own(
    tmp_path: Path,
) -> None:
    def names(server: str, *off: str) -> list[str]:
        config = Config.load(None, [f"mcp.servers.{server}.command=x"])
        skills = SkillsConfig(folder=tmp_path, data=tmp_path, off=off)
        servers = mcp_skills(config.mcp, ("en",))
        return [skill.name for skill in load_repertoire(skills, ("en",), servers).busy]

    assert "house" in names("house")
    assert "house" not in names("house", "house")
    with pytest.raises(ConfigError, match="There is a skill 'clock' already"):
        names("clock")


def test_without_any_the_library_is_not_loaded() -> None:
    script = (
        "import sys, heisenberg.daemon, heisenberg.cli.mcp\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('mcp', 'httpx')])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"
