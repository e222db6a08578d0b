"""Who may see the viewer: login, sessions, the hosts it answers to, and the headers of every answer."""
