"""Starts the API: `python -m examples.django_service`, from the root of the repository."""

import os

import django
import uvicorn
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.db import connection

from ai_monitoring import telemetry
from examples.settings import DJANGO_PORT, HOST, load_secrets


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "examples.django_service.config"
    os.umask(0o077)  # the database is for its owner alone
    telemetry.set_up("django")  # under watch, too
    django.setup()
    # Kept in the file itself: readers and the one writer do not wait for each other.
    connection.cursor().execute("PRAGMA journal_mode = wal")
    call_command("migrate", verbosity=0)
    make_users(load_secrets().passwords)
    uvicorn.run(
        get_asgi_application(),
        host=HOST,
        port=DJANGO_PORT,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
    )


def make_users(passwords: dict[str, str]) -> None:
    """The athletes, each with the password that the secrets hold."""
    from django.contrib.auth.models import User

    from examples.django_service.models import Profile

    for name, password in passwords.items():
        user, _ = User.objects.get_or_create(username=name)
        if not user.check_password(password):
            user.set_password(password)
            user.save()
        Profile.objects.get_or_create(user=user)


if __name__ == "__main__":
    main()
