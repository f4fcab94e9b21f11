"""Arithmetic, exact."""
