"""Spoken turns: how soon they are answered, when they end, and who interrupts them."""
