import numpy as np
import pytest
import torch

from ovd.model.heads import InnerProductHead
from ovd.model.text.projection import FEW_TEXTS


def inner_product_head():
    head = InnerProductHead(bias=-2.0)
    with torch.no_grad():
        head.log_scale.fill_(0.7)
    return head


@pytest.mark.parametrize("count", [1, 3, FEW_TEXTS, FEW_TEXTS + 1])
def test_projection_gives_the_logits_of_the_trained_head(count):
    torch.manual_seed(0)
    head = inner_product_head()
    regions = torch.randn(2, 5, 6)
    texts = torch.nn.functional.normalize(torch.randn(count, 6), dim=1)
    projection = head.to_projection()

    logits = projection.logits(regions.numpy(), projection.project_text(texts.numpy()))

    with torch.no_grad():
        expected = head.similarity(regions, head.project_text(texts)).numpy()
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-5)
