import sys

import torch

from ovd.model.text import torchvision_compat


def test_torchvision_imports_and_its_nms_works_beside_a_cpu_torch():
    torchvision_compat.install()
    import torchvision.ops

    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [1.0, 0.0, 11.0, 10.0], [50.0, 0.0, 60.0, 9.0]])

    kept = torchvision.ops.nms(boxes, torch.tensor([0.3, 0.9, 0.5]), 0.5)

    assert kept.tolist() == [1, 2]


def test_installing_twice_adds_one_finder():
    torchvision_compat.install()
    torchvision_compat.install()

    finders = [finder for finder in sys.meta_path if type(finder).__module__.endswith("_compat")]
    assert len(finders) <= 1
