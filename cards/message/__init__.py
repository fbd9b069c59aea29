"""The message itself: from what an admin wrote to the card that a recipient sees."""
