"""The language model: prompts, history and generation."""
