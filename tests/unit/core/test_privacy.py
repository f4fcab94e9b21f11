"""Nothing that Heisenberg stands on tells others what it does."""

import os
import subprocess
import sys
from pathlib import Path

_USE_A_NETWORK = """
import asyncio
import numpy as np
from heisenberg.audio.vad import SileroVad

async def listen() -> None:
    vad = await SileroVad.load()
    await vad.probability(np.zeros(vad.frame_samples, np.int16))
    await vad.aclose()

asyncio.run(listen())
"""


def test_running_a_network_leaves_nothing_in_the_users_folders(tmp_path: Path) -> None:
    """onnxruntime would put an identifier there, and what it waits to upload."""
    folders = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    subprocess.run(
        [sys.executable, "-B", "-c", _USE_A_NETWORK], env=environment | folders, check=True
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
