"""How an installation is watched: metrics, health and readiness over HTTP on this machine, and what `doctor` finds."""
