"""Poetry's own installer over mirrors, and reproduction from a snapshot."""
