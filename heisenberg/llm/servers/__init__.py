"""Language models on servers: what they share, and what each of them speaks."""
