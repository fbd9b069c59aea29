"""Everything that people can do in chat: a person's action -> domain -> reply.

No botbuilder, no HTTP. Dialogs are stateless: drafts live in the store, and a card is a view of
them.
"""
