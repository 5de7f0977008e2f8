"""Software bills of materials (CycloneDX), of a lock or of a configuration of a snapshot."""
