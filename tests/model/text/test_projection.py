import numpy as np
import pytest
import torch

from ovd.model.heads import InnerProductHead, KnownNamesHead


def inner_product_head():
    head = InnerProductHead(bias=-2.0)
    with torch.no_grad():
        head.log_scale.fill_(0.7)
    return head


def known_names_head():
    return KnownNamesHead(torch.nn.functional.normalize(torch.randn(4, 6), dim=1))


@pytest.mark.parametrize(
    ("make_head", "region_dim"), [(inner_product_head, 6), (known_names_head, 4)]
)
def test_projection_gives_the_logits_of_the_trained_head(make_head, region_dim):
    torch.manual_seed(0)
    head = make_head()
    regions = torch.randn(2, 5, region_dim)
    texts = torch.nn.functional.normalize(torch.randn(3, 6), dim=1)
    projection = head.to_projection()

    logits = projection.logits(regions.numpy(), projection.project_text(texts.numpy()))

    with torch.no_grad():
        expected = head.similarity(regions, head.project_text(texts)).numpy()
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-5)
