"""Who reads what of approval."""

from sunlight.scope.readers import HOSPITALS, Readers

# Everybody of a hospital may stand in for a colleague; its administrator sets the chain.
CHAINS = Readers("approval_chain", HOSPITALS, faces=("flow",))
