"""What a shell may complete, and the scripts that tell it."""
