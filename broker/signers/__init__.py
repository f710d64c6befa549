"""Where private keys are kept. Each module is one kind of place; all satisfy ``ports.Signer``."""
