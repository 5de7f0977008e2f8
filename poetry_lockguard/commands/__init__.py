"""The commands, one file each: options in, one call, exit code out."""
