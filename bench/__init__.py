"""Benchmarks beside peers and floors, all against the sandbox: `make bench` (docs/benchmarks.md). Nothing here is shipped."""
