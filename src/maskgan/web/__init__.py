"""The editor in the browser: the server, what it serves, and a client of it for programs."""
