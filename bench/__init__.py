"""Benchmarks beside peers and floors, all against the sandbox (`make bench`). Nothing here is shipped."""
