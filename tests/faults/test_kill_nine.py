"""The product is killed with SIGKILL at random moments while clients write: nothing acknowledged is lost or doubled.

What was never acknowledged may be there or not, but an event is there whole or not at all.
"""
