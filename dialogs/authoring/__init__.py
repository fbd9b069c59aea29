"""Writing a campaign, step by step: basics, content, preview, recipients.

Each step saves what was typed before it shows the next one. *Next* checks it; *Back* and *Save
draft* keep it, finished or not. Input that can't be kept comes back in its field, with the reason.
"""
