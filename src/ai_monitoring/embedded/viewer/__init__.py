"""What a person sees on port 3000: dashboards, logs, traces, alerts and runbooks, read-only."""
