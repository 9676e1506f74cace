"""Sites: occupancy over doors, opening hours, and flows through doors."""
