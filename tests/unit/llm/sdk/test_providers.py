from types import SimpleNamespace

import httpx2
import pytest
from genai_prices.data_snapshot import get_snapshot

from ai_monitoring.llm.providers import HOSTS, Providers


class Client:
    def __init__(self, url: str) -> None:
        self.base_url = httpx2.URL(url)


class AzureClient(Client):
    """As the SDK's AzureOpenAI is known: by its name."""


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1/", "openai"),
        ("https://eu.api.openai.com/v1/", "openai"),
        ("https://ours.openai.azure.com/openai/", "azure"),
        ("https://bedrock-runtime.eu-west-3.amazonaws.com", "aws"),
        ("https://europe-west1-aiplatform.googleapis.com/v1/", "google"),
        ("https://api.mistral.ai/v1", "mistral"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://openai.com.example.org/v1", "openai"),
        ("https://notgroq.com/v1", "openai"),
        ("http://127.0.0.1:8090/v1", "openai"),
        ("http://localhost:11434/v1", "openai"),
    ],
)
def test_a_host_tells_the_provider(url: str, provider: str) -> None:
    assert Providers()(Client(url), "openai") == provider


def test_a_class_tells_azure_where_the_host_does_not() -> None:
    assert Providers()(AzureClient("https://llm.example.org"), "openai") == "azure"


def test_own_hosts_come_first() -> None:
    providers = Providers({"llm.example.org": "vllm", "openai.com": "proxy"})
    assert providers(Client("https://a.llm.example.org/v1"), "openai") == "vllm"
    assert providers(Client("https://api.openai.com/v1"), "openai") == "proxy"


def test_what_is_remembered_is_bounded() -> None:
    providers = Providers()
    for number in range(1000):
        assert providers(Client(f"http://10.0.{number // 250}.{number % 250}"), "anthropic") == "anthropic"
    assert len(providers._known) <= 100


def test_names_are_those_that_prices_are_kept_under() -> None:
    assert set(HOSTS.values()) <= {provider.id for provider in get_snapshot().providers}


def test_a_client_without_an_address_is_an_error_for_the_caller_to_keep() -> None:
    with pytest.raises(AttributeError):
        Providers()(SimpleNamespace(), "openai")
