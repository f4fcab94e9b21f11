"""The daemon as a whole: its start, its rest, its memory, its devices, its satellites."""
