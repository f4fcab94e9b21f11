"""What programs wait for, and what they cost a voice."""
