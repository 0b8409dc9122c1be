"""The ticket itself: its codes, its look, its entry for the calendar."""
