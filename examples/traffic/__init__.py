"""Traffic for the demo: what users do, what goes wrong, and what strangers try."""
