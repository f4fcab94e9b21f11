"""``heisenberg mcp``: a server of tools for coding agents, at standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heisenberg.cli.options import ConfigOption, SetOption, load_config

if TYPE_CHECKING:
    from heisenberg.core.config import Config


def mcp(config: ConfigOption = None, settings: SetOption = None) -> int:
    """Let a coding agent ask, speak, listen and set timers; the agent starts this itself."""
    from heisenberg.core import lifecycle

    return lifecycle.run(_serve(load_config(config, settings)))


async def _serve(config: Config) -> int:
    import os

    from heisenberg.cli.mcp_asking import Asking
    from heisenberg.core.lifecycle import Stages
    from heisenberg.mcp.server import agent_server
    from heisenberg.mcp.standard_streams import standard_streams

    async with Stages() as stages:
        server = agent_server(Asking(config, stages).ask, f"agent {os.getpid()}")
        async with standard_streams() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    return 0
