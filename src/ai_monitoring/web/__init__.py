"""Thin faces on one shared core: Django, ASGI (FastAPI, Starlette) and Streamlit services under watch."""
