"""Whether documents are found, and how soon."""
