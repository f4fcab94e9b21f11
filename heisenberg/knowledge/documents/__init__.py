"""Files of many kinds, read into passages."""
