"""Sessions run by the program itself: one turn of a user, and the schedule of `mailsync serve`."""
