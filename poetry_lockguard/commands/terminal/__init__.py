"""What the commands share of a terminal: streams, command lines, output, the working folder."""
