"""Target environments: what decides markers and wheels, without being on such a machine."""
