"""The weather, asked of a service on the internet."""
