"""The commands: names, arguments and options. What they do is in the modules they call; there is no logic here."""
