"""What Heisenberg does besides talk, each thing a skill."""
