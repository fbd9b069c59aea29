"""Writing a campaign, step by step: basics, content, preview, recipients.

Each step saves the input before the next one is shown. *Next* checks the input. *Back* and *Save
draft* keep it, finished or not. Input that can't be kept comes back in its field, with the reason.
"""
