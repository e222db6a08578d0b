"""The demo's Streamlit page: a coach to talk to."""
