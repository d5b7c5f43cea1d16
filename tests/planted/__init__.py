"""Bugs of the kinds that such programs have, planted in a copy of this one, to see which suites notice them."""
