"""An organisation's approval chains: who must agree before something is done in its name."""
