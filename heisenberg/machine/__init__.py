"""The machine everything runs on: its memory, cores and native code."""
