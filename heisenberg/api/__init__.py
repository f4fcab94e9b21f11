"""The HTTP API: how programs, and a page in a browser, reach the same assistant."""
