"""The registered suites: each module has a SUITE, or SUITES.

Two kinds: `select(...)` runs pytest tests (see there for what they can count themselves);
`Suite(..., run)` runs whatever keeps to its Share and answers with Figures. To add one, add a module here.
"""
