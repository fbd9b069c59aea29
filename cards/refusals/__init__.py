"""Words for refusals: a sentence for every reason, in the module of its feature."""
