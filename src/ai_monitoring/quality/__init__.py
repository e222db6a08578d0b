"""What an AI answer is worth and whether it may be said: evaluators that work offline, in English and French.

    from ai_monitoring.quality import Exchange, Suite, built_in
    report = Suite(built_in()).evaluate(Exchange("How long …?", "Two years."), request_id="req-1")
    report.evaluations["groundedness"].score

Their quality is measured by benchmarks/evaluators; docs/evaluators.md has the table and what each cannot see.
"""

from ai_monitoring.quality.builtin import built_in
from ai_monitoring.quality.evaluator import Evaluation, Evaluator, Exchange
from ai_monitoring.quality.suite import Outcome, Report, Setting, Suite

__all__ = ["Evaluation", "Evaluator", "Exchange", "Outcome", "Report", "Setting", "Suite", "built_in"]
