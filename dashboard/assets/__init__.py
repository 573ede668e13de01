"""How our scripts and styles get from `static/` to a browser."""
