"""The parts of a room: how it hears, listens, answers, and is interrupted."""
