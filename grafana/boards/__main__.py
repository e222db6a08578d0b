"""Writes every board's file: `python -m grafana.boards` in the repository's root."""

from grafana.boards import (
    ai_overview,
    cognitive,
    compliance,
    debugging,
    devops,
    faq,
    finops,
    incidents,
    llm,
    overview,
    security,
    slo,
    technical,
)

BOARDS = (
    *(overview.BOARD, incidents.BOARD, debugging.BOARD, llm.BOARD, faq.BOARD, slo.BOARD, security.BOARD),
    *(ai_overview.BOARD, technical.BOARD, cognitive.BOARD, finops.BOARD, devops.BOARD, compliance.BOARD),
)

if __name__ == "__main__":
    for board in BOARDS:
        board.file.parent.mkdir(parents=True, exist_ok=True)
        board.file.write_text(board.render(), encoding="utf-8")
