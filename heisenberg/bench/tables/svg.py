"""Pictures of measurements: light on light pages and dark on dark ones, and read aloud."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

_STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title, .side { font-weight: 600; }
.name { text-anchor: end; }
.tick { text-anchor: middle; fill: #59636e; }
.grid { stroke: #d1d9e0; }
.bar { fill: #0969da; }
.total { fill: #b6d7ff; }
.rest { fill: none; stroke: #59636e; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .tick { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .bar { fill: #4493f8; }
  .total { fill: #1c4a85; }
  .rest { stroke: #9198a1; }
}
"""


def picture(title: str, description: str, *, size: tuple[int, int], body: Iterable[str]) -> str:
    """The text of an SVG file; ``size`` is its width and height, ``body`` its elements.

    They have the classes ``title``, ``side`` (a title within), ``name``, ``tick``, ``grid``,
    ``bar``, ``total`` and ``rest``.
    """
    width, height = size
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{_STYLE}</style>",
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
