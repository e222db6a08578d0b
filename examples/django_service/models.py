"""Athletes and their plans."""

from typing import Any

from django.conf import settings
from django.db import models

KEPT_PLANS = 10


class Profile(models.Model):
    """What a coach knows about an athlete."""

    user: Any = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    goal: Any = models.CharField(max_length=20, default="half-marathon")
    weekly_hours: Any = models.FloatField(default=4)

    def as_json(self) -> dict[str, Any]:
        return {"id": self.pk, "name": self.user.username, "goal": self.goal, "weekly_hours": self.weekly_hours}

    def keep(self, weeks: list[Any]) -> "Plan":
        """Store a new plan, and forget those before the last few."""
        plan = Plan.objects.create(profile=self, weeks=weeks)
        kept = Plan.objects.filter(profile=self).order_by("-pk").values_list("pk", flat=True)[:KEPT_PLANS]
        Plan.objects.filter(profile=self).exclude(pk__in=list(kept)).delete()
        return plan


class Plan(models.Model):
    """A training plan, week by week."""

    profile: Any = models.ForeignKey(Profile, on_delete=models.CASCADE)
    weeks: Any = models.JSONField()
    created: Any = models.DateTimeField(auto_now_add=True)
