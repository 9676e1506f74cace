import pytest
import torch

from ovd.model.predictions import RawPredictions


@pytest.mark.parametrize(
    ("regions", "boxes"), [((1, 5, 8), (1, 4, 4)), ((5, 8), (5, 4)), ((1, 5, 8), (1, 5, 5))]
)
def test_raw_predictions_refuse_shapes_that_do_not_belong_together(regions, boxes):
    with pytest.raises(ValueError, match="wanted"):
        RawPredictions(torch.zeros(regions), torch.zeros(boxes))
