"""Reasons to refuse something, a module for each feature.

A reason without values is a member of an enum (:class:`~campaigns.errors.RefusalKey`), one with
values a struct (:class:`~campaigns.errors.RefusalDetails`). Their sentences are in
``cards/refusals``, in the module of the same name.
"""
