"""The tenant's sign-in: the Microsoft identity platform's v2.0 endpoints."""
