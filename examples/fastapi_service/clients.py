"""The language models that the service asks, each through its provider's own SDK.

They speak to the demo's stand-in, with made-up keys, unless OPENAI_BASE_URL or ANTHROPIC_BASE_URL names a provider:
only then does a key from the environment go out.
"""

import os
from typing import Any
from urllib.parse import urlsplit

import anthropic
import openai

from examples.settings import LLM_UPSTREAM_URL

CHAT_MODEL = "gpt-5-mini"
EMBEDDING_MODEL = "text-embedding-3-small"
COACH_MODEL = "claude-haiku-4-5"
REPLAY_MODEL = "gpt-4o-mini"  # asked by nothing else, so that a replay's tokens can be told from the demo's own

TIMEOUT = 8.0
REAL_TIMEOUT = 30.0
RETRIES = 1
MADE_UP_KEY = "sk-made-up-for-the-demo"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

OPENAI_IS_REAL = bool(os.environ.get("OPENAI_BASE_URL"))
ANTHROPIC_IS_REAL = bool(os.environ.get("ANTHROPIC_BASE_URL"))


def stand_in_is_local() -> bool:
    """Whether OpenAI's part is played by the stand-in on this machine: what is sent there costs nothing."""
    return not OPENAI_IS_REAL and urlsplit(LLM_UPSTREAM_URL).hostname in LOOPBACK


def _settings(provider: str, is_real: bool, path: str = "") -> dict[str, Any]:
    """The key and address of `provider`, as both SDKs name them. Raises KeyError for a real one without a key."""
    key = os.environ[f"{provider}_API_KEY"] if is_real else MADE_UP_KEY
    address = os.environ[f"{provider}_BASE_URL"] if is_real else LLM_UPSTREAM_URL + path
    timeout = REAL_TIMEOUT if is_real else TIMEOUT
    return {"api_key": key, "base_url": address, "timeout": timeout, "max_retries": RETRIES}


openai_client = openai.AsyncOpenAI(
    **_settings("OPENAI", OPENAI_IS_REAL, "/v1"), http_client=openai.DefaultAsyncHttpxClient(trust_env=OPENAI_IS_REAL)
)
anthropic_client = anthropic.AsyncAnthropic(
    **_settings("ANTHROPIC", ANTHROPIC_IS_REAL),
    http_client=anthropic.DefaultAsyncHttpxClient(trust_env=ANTHROPIC_IS_REAL),
)
