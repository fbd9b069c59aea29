"""Transitions of a delivery, and the decision whether to try it again."""
