"""Retrieval (RAG) under watch: strategy, stages, documents, confidence.

with rag.query("hybrid") as query:
    with query.stage("search"):
        found = search(question)
    query.documents(len(found))
    query.confidence(0.82)
"""

from ai_monitoring.llm.rag.query import Query, current_query, query
from ai_monitoring.llm.rag.stage import Stage, stage

__all__ = ["Query", "Stage", "current_query", "query", "stage"]
