"""Microphones and speakers in other rooms, which speak the Wyoming protocol."""
