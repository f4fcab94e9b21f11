"""What may stand in a slot, as people say it and recognisers write it."""
