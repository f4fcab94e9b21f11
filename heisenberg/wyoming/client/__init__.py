"""Services of others that speak the Wyoming protocol, in place of engines of ours."""
