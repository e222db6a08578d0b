"""Which version of a service was deployed when, kept beside the incident log and shown on dashboards."""
