"""Every known attack as data, and what fires it: at broker.saml in tests, over HTTP, and from `makelaar self-attack`.

This package makes what broker.saml refuses to make, so it may touch XML itself. Nothing here is ever part of a login.
"""
