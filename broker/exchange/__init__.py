"""How messages travel: artifacts, forms, redirects and the back channel.

Every party uses the same exchange, so a journey never knows by which binding a message came or went.
"""
