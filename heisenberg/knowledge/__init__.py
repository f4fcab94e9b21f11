"""What the owner's own documents say: read, kept in an index, and searched."""
