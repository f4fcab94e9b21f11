"""A sound card, and the room around it, that nobody has to own."""
