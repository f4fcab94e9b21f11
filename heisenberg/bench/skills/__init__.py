"""What is understood of what people ask for, and whether it is done."""
