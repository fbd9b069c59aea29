"""The words for what is refused: for every reason a sentence, in the module of its feature."""
