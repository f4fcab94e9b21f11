"""A smart home, asked in words: Home Assistant's."""
