"""What a bundle holds, and the page that lists it."""
