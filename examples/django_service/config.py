"""Django settings."""

from datetime import timedelta

from examples.settings import DATA, load_secrets

_secrets = load_secrets()

SECRET_KEY = _secrets.django_key
DEBUG = False
ALLOWED_HOSTS = ["*"]  # no page of this API builds an address from the Host header
ROOT_URLCONF = "examples.django_service.urls"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "examples.django_service.apps.CoachingConfig",
]

# Under watch: these two lines, and the metrics view in urls.py.
MIDDLEWARE = [
    "ai_monitoring.web.django.PrometheusMiddleware",
    "ai_monitoring.web.django.AuthFailureMiddleware",
    "django.middleware.common.CommonMiddleware",
    "examples.django_service.slow_database.SlowDatabaseMiddleware",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "django.sqlite3",
    }
}

PASSWORD_HASHERS = ["examples.django_service.hashers.RandomPasswordHasher"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
SIMPLE_JWT = {"SIGNING_KEY": _secrets.token_key, "ACCESS_TOKEN_LIFETIME": timedelta(hours=12)}

# Logging is set up by the module that starts the service.
LOGGING_CONFIG = None
