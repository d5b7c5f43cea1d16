"""Log-ins: how an access token is got, kept, renewed, and given to the adapters as a bearer."""
