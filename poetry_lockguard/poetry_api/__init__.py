"""The parts of Poetry without a stable interface; version differences are handled here."""
