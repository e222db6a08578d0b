"""What a browser shows on port 3000: dashboards, logs, traces, alerts and runbooks."""
