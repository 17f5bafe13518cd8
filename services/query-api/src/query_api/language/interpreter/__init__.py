"""Evaluates checked trees: each node becomes a closure once, and every operation asks the budget."""
