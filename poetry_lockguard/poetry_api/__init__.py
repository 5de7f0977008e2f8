"""The parts of Poetry that it does not promise to keep: version differences live here."""
