"""Timers: kept, counted down, and rung until somebody stops them."""
