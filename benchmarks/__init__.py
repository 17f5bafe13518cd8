"""Figures of the product: whole processes on this machine, read as ratios and medians."""
