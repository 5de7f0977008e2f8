"""Terminal handling for the commands: streams, command lines, output, the working folder."""
