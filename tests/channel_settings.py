"""What `.env` may say of channels, for tests."""

SLACK = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/s3cret"}
EMAIL = {
    "SMTP_HOST": "mail.example.org",
    "SMTP_USER": "watch@example.org",
    "SMTP_PASSWORD": "pa$$ word'\"",
    "ALERT_EMAIL_TO": "a@example.org, b@example.org",
}
MODELS = {"SLACK_WEBHOOK_URL_ML": "https://hooks.slack.com/services/T0/B1/ml", "ALERT_EMAIL_TO_ML": "ml@example.org"}
BEATS = {"HEARTBEAT_URL": "https://hc.example.org/s3cret"}
