"""Django under watch: two middlewares and the view that Prometheus scrapes.

`MIDDLEWARE = ["ai_monitoring.web.django.PrometheusMiddleware", "ai_monitoring.web.django.AuthFailureMiddleware", ...]`
and `path("metrics/", metrics_view)`. Nothing here needs an entry in INSTALLED_APPS.
"""

from ai_monitoring.web.django.authentication import AuthFailureMiddleware
from ai_monitoring.web.django.page import metrics_view
from ai_monitoring.web.django.requests import PrometheusMiddleware

__all__ = ["AuthFailureMiddleware", "PrometheusMiddleware", "metrics_view"]
