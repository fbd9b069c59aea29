"""The message: from the content that an admin wrote to the card that a recipient sees."""
