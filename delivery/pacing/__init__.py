"""Keeps calls to the rate that Teams allows for each tenant and each chat."""
