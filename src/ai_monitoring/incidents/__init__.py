"""What becomes of an alert: Alertmanager's webhook ends here."""
