"""Keeping the overview's figures."""

from supervision.services.figures import figures_rebuild, figures_recompute

__all__ = ["figures_rebuild", "figures_recompute"]
