"""What ``make bench`` measures, keeps and shows."""
