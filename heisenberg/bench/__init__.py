"""Measurements anyone can repeat: what ``heisenberg bench`` runs."""
