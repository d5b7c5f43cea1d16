"""`python -m mailsync`: the same as the command `mailsync`."""

from mailsync.cli import main

if __name__ == "__main__":
    main()
