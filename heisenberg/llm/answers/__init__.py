"""Answers given again: what was asked before, and whether the same is asked."""
