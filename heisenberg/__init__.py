"""Heisenberg: a private voice assistant that runs on one small machine."""

import os

__version__ = "0.1.0"

# onnxruntime keeps an identifier of the machine and uploads what it runs, from its first import on.
# Whatever of ours is imported first, this comes before it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
