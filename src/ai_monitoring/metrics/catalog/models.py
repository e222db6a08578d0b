"""Trained models: predictions, quality, drift."""

from ai_monitoring.metrics.declaration import Kind, Metric

PREDICTION_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 1.0, 2.0, 5.0, 10.0)


def _model(name: str, kind: Kind, help_: str, *labels: str, buckets: tuple[float, ...] = ()) -> Metric:
    """A model's metric; its own labels, all open, come after `model`."""
    labels = ("model", *labels)
    return Metric(name=name, kind=kind, help=help_, labels=labels, open_labels=labels, buckets=buckets, max_series=500)


MODELS = (
    _model("model_inferences_total", Kind.COUNTER, "Predictions asked of a model, those that failed included."),
    _model("ml_prediction_errors_total", Kind.COUNTER, "Predictions that failed."),
    _model("ml_prediction_duration_seconds", Kind.HISTOGRAM, "Time of one prediction.", buckets=PREDICTION_SECONDS),
    _model("ml_model_quality", Kind.GAUGE, "Quality of a model at its last evaluation (accuracy, f1, ...).", "metric"),
    _model(
        "ml_model_quality_baseline",
        Kind.GAUGE,
        "Quality that a model had when it was released; without it, the mean of 7 days stands in.",
        "metric",
    ),
    _model("ml_model_evaluated_timestamp_seconds", Kind.GAUGE, "When a model was last evaluated, in Unix time."),
    _model("ml_data_drift_score", Kind.GAUGE, "How far a feature's values are from those of training.", "feature"),
    _model("ml_model_drift_score", Kind.GAUGE, "How far a model's predictions are from those at its release."),
)
