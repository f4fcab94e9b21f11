"""The language model: what it knows, holds, keeps to and costs."""
