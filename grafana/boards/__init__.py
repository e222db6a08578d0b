"""The dashboards as code, a module each; `python -m grafana.boards` writes grafana/dashboards."""
