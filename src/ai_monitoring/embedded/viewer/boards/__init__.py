"""The server side of dashboards: Grafana's own files in, what a browser draws out."""
