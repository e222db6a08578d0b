"""The routes of the API."""

from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView

from ai_monitoring.web.django import metrics_view
from examples.django_service import slow_database, views

urlpatterns = [
    path("metrics/", metrics_view),
    path("health", views.healthy),
    path("health/", views.healthy),
    path("health/live/", views.live),
    path("api/login/", TokenObtainPairView.as_view()),
    path("api/me/", views.me),
    path("api/profiles/<int:pk>/", views.profile),
    path("api/profiles/<int:pk>/plans/", views.plan),
    path("api/questions/", views.question),
    path("api/broken/", views.broken),
    path("control", slow_database.control),
]
