"""What a user says in turns: several wishes, "make it five", "yes"."""
