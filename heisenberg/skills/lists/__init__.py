"""Lists and notes, in Markdown files that are their owner's."""
