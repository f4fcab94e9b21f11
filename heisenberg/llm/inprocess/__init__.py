"""llama.cpp in this process: its library, one model's work, and what it has evaluated."""
