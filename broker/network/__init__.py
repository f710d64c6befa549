"""The parties of a box: authenticatiediensten, machtigingenregisters and a demo dienstverlener.

Each is a Flask application of its own that speaks the messages of the network over HTTP and knows the makelaar by
its metadata only, so that a foreign party could stand in its place.
"""
