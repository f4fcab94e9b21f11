"""Which sentence of which skill was said."""
