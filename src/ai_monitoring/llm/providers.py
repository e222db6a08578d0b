"""Who answers a client: by its class for Azure, else by the host that it calls.

The names are those of genai-prices, so that a call finds its provider's price.
"""

from collections.abc import Mapping
from typing import Any

HOSTS: dict[str, str] = {
    "openai.com": "openai",
    "anthropic.com": "anthropic",
    "openai.azure.com": "azure",
    "azure-api.net": "azure",
    "cognitiveservices.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "amazonaws.com": "aws",
    "googleapis.com": "google",
    "cerebras.ai": "cerebras",
    "deepseek.com": "deepseek",
    "fireworks.ai": "fireworks",
    "groq.com": "groq",
    "mistral.ai": "mistral",
    "moonshot.ai": "moonshotai",
    "openrouter.ai": "openrouter",
    "perplexity.ai": "perplexity",
    "together.xyz": "together",
    "x.ai": "x-ai",
}
"""The provider behind a host and everything below it."""

_MAX_KNOWN = 100


class Providers:
    """Names the provider behind a client. `own` adds hosts to `HOSTS`, or gives them other names."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self._hosts = {**HOSTS, **(own or {})}
        self._known: dict[tuple[type, str], str] = {}

    def __call__(self, client: Any, sdk: str) -> str:
        """The provider; for a host that nothing is known of, such as a proxy's, the SDK's own name."""
        host = str(client.base_url.host)
        key = (type(client), host)
        if key not in self._known:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[key] = self._find(key[0], host) or sdk
        return self._known[key]

    def _find(self, client: type, host: str) -> str | None:
        labels = host.split(".")
        for start in range(len(labels)):
            if found := self._hosts.get(".".join(labels[start:])):
                return found
        return "azure" if any("Azure" in base.__name__ for base in client.__mro__) else None
