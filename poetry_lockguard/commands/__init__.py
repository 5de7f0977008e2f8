"""The commands, one file each; all thinking is elsewhere."""
