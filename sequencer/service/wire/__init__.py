"""What the API says, as it goes over the wire: the one definition for server and clients."""
