"""What Prometheus is asked."""

import httpx2
import pytest
from board_sources import sources_at

from ai_monitoring.embedded.viewer.prometheus import Prometheus
from ai_monitoring.embedded.viewer.sources import Client, SourceError


@pytest.mark.parametrize("answer", [{"status": "success", "data": {}}, {"data": None}, []])
async def test_an_answer_that_is_not_prometheuss_is_told(answer: object) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=answer))
    client = Client(sources_at("http://watch"), transport=transport)
    try:
        with pytest.raises(SourceError, match="not one of Prometheus"):
            await Prometheus(client).targets()
    finally:
        await client.aclose()
