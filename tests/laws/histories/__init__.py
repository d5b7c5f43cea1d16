"""Generated histories: a seeded world of people, vendors and sessions, and the laws that hold whatever they do.

`script` draws a history from a seed, `play` performs it, `laws` say what must hold at each quiet point, `shrink` makes
a failing one short. `python -m tests.laws.histories memory 17` repeats the history of seed 17.
"""
