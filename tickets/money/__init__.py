"""Money that comes in, and money that goes back."""
