import pytest
from examples.fastapi_service.trouble import Trouble
from examples.traffic.requests import TROUBLES
from examples.upstream.orders import read_orders


@pytest.mark.parametrize("trouble", Trouble)
def test_the_stand_in_understands_every_order(trouble: Trouble) -> None:
    read_orders(trouble.orders)


def test_the_traffic_knows_only_troubles_that_there_are() -> None:
    assert set(TROUBLES) <= {trouble.value for trouble in Trouble}


def test_only_one_trouble_has_a_model_without_a_price() -> None:
    assert [trouble for trouble in Trouble if trouble.model("gpt-5-mini") != "gpt-5-mini"] == [Trouble.UNPRICED]
