"""The Model Context Protocol: tools of other programs, and Heisenberg as a tool of theirs."""
