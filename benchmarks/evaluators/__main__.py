"""How good and how fast the evaluators are, on labelled cases in English and French.

    python -m benchmarks.evaluators                          the held-out cases, then the times
    python -m benchmarks.evaluators --part development       the cases that the rules were tuned on
    python -m benchmarks.evaluators --evaluator toxicity --file mine.csv    columns text,label; or JSON; see --help
    python -m benchmarks.evaluators --evaluator toxicity --file theirs.csv --half unread    every other one, by hash
    python -m benchmarks.evaluators --evaluator toxicity --show             each case that was judged wrongly

Labels other than the negative one (`none`, `supported`, `good`, `neutral`) are what is to be found. For toxicity, bias,
attacks, personal data, groundedness and relevance the figures are for found or not found, whatever the kind; for
sentiment and language they are means over the labels.
"""

import argparse
from pathlib import Path

from benchmarks.evaluators import speed
from benchmarks.evaluators.cases import CaseError, half, ours, read
from benchmarks.evaluators.judging import JUDGES, judge
from benchmarks.evaluators.table import show, show_wrong


def main() -> int:
    """Print the table; 2 for a file that cannot be read."""
    arguments = _arguments()
    names = [arguments.evaluator] if arguments.evaluator else list(JUDGES)
    try:
        sets = {name: read(arguments.file) if arguments.file else ours(name, arguments.part) for name in names}
    except CaseError as error:
        print(f"cannot read the cases: {error}")
        return 2
    if arguments.half:
        sets = {name: half(cases, arguments.half) for name, cases in sets.items()}
    judged = {name: judge(name, cases) for name, cases in sets.items()}
    show(judged)
    if arguments.show:
        show_wrong(judged)
    if not arguments.file and not arguments.evaluator:
        speed.show()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluators",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--part", choices=("held_out", "development"), default="held_out")
    parser.add_argument("--evaluator", choices=tuple(JUDGES))
    parser.add_argument(
        "--file", type=Path, help="CSV or JSON with text and label; also language, prompt, context, group"
    )
    parser.add_argument(
        "--half", choices=("read", "unread"), help="of a set that rules are written after: see the docs"
    )
    parser.add_argument("--show", action="store_true", help="print the cases that were judged wrongly")
    arguments = parser.parse_args()
    if arguments.file and not arguments.evaluator:
        parser.error("--file needs --evaluator: which evaluator shall judge these cases?")
    return arguments


if __name__ == "__main__":
    raise SystemExit(main())
