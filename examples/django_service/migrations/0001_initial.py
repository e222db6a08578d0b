"""The tables of athletes and plans."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("goal", models.CharField(default="half-marathon", max_length=20)),
                ("weekly_hours", models.FloatField(default=4)),
                (
                    "user",
                    models.OneToOneField(on_delete=models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weeks", models.JSONField()),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("profile", models.ForeignKey(on_delete=models.deletion.CASCADE, to="coaching.profile")),
            ],
        ),
    ]
