"""The outbound edge: Bot Connector and Microsoft Graph over HTTPS, and the tokens for them.

Answers are classified here, once, into the domain's outcomes. The only package that imports msal.
"""
