"""The Wyoming protocol: voice services and satellites that speak over a network."""
