"""What is heard: wake words and speech, in many voices and much noise."""
