"""Everything that vendors and our own machine do wrong, at every place of a busy session: nothing lost or doubled."""
