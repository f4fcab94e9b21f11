"""Hearing the wake word."""
