"""Text to speech: clauses, speakable text and the voice."""
