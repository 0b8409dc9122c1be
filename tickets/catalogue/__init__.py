"""What can be bought now, and for how much."""
