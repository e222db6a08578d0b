"""Log lines by filters or LogQL: which there are, when, and the way to their traces."""
