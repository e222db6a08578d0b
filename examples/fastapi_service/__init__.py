"""The demo's FastAPI service: plans and answers."""
