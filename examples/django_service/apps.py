"""The one application of the API."""

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "examples.django_service"
    label = "coaching"
    default_auto_field = "django.db.models.BigAutoField"
