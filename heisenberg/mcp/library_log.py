"""What the protocol's library logs: what strangers say, and how they fail it, as errors of ours."""

from __future__ import annotations

import logging


def quiet_library() -> None:
    """Keep it out of our log; again does nothing."""
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_is_not_the_librarys)


def _is_not_the_librarys(record: logging.LogRecord) -> bool:
    return "/mcp/shared/" not in record.pathname  # these have no logger of their own
