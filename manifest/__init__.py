"""The Teams app manifest, its icons, and the program that packages them for upload.

`python -m manifest` writes the zip file that a Teams administrator uploads.
"""
