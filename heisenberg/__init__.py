"""Heisenberg: a private voice assistant that runs on one small machine."""

__version__ = "0.1.0"
