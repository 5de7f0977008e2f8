"""What ``--help`` adds, the list of all commands, and the nearest word for a typing error."""
