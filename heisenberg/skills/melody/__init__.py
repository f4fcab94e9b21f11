"""Melodies and bass lines: Python knows the rules, the language model chooses the notes."""
