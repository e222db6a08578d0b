"""Django, set up once for all tests of a process: import this module before anything of `django.db` or of models."""

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="only for tests, and long enough for a signature of HMAC-SHA256",
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "named by the test"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    USE_TZ=True,
)
django.setup()
