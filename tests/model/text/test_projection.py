import numpy as np
import pytest
import torch

from ovd.model.heads import InnerProductHead
from ovd.model.text.projection import ONE_THREAD_LIMIT, multiply


def inner_product_head():
    head = InnerProductHead(bias=-2.0)
    with torch.no_grad():
        head.log_scale.fill_(0.7)
    return head


@pytest.mark.parametrize("count", [1, 3, 40])
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


@pytest.mark.parametrize("rows", [0, 1, 7, 65])
def test_product_in_steps_is_that_of_the_whole(rows):
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=shape).astype(np.float32) for shape in ((rows, 64), (64, 512)))
    assert b.size * rows < 65 * ONE_THREAD_LIMIT

    np.testing.assert_allclose(multiply(a, b), a @ b, rtol=1e-5, atol=1e-4)
