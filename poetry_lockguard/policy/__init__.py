"""What a team allows in a lock: hosts, bans, ages and advisories, as values without Poetry."""
