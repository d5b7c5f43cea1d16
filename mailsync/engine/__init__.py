"""Engines: what hands due users to the threads that run their sessions. See ports/engine.py and decision 0022."""
