"""Fakes named after the ports, and the vendors' estates behind them: vendor-like, in memory, deterministic."""
