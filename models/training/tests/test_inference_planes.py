"""The planes of a pack against those that are trained."""

import torch
from galatea_packfile.torchscript import save_script, stored_in_half

from galatea_training.networks.generator import Generator
from galatea_training.networks.inference_planes import InferencePlanes
from galatea_training.networks.latent import LAYERS, WIDTH
from galatea_training.networks.trained import load_planes
from galatea_training.render.heads import NAMES


def test_planes_and_gradients_are_those_of_the_trained_network_before_and_after_a_file(tmp_path):
    generator = Generator(len(NAMES), (0.0, 0.0, 0.0)).requires_grad_(False)
    torch.nn.init.normal_(generator.planes.patterns)
    for conv in generator.planes.convs:
        torch.nn.init.normal_(conv.bias, std=0.3)
    trained = load_planes(generator, tmp_path, heads_drawn=1500)
    for kind in ("weight", "bias", "patterns", "axes"):
        for name, value in [*trained.named_parameters(), *trained.named_buffers()]:
            if name.endswith(kind):
                value.data = value.data.half().float()
    ready = stored_in_half(InferencePlanes(trained))
    save_script(ready, tmp_path / "planes.pt")
    loaded = torch.jit.load(tmp_path / "planes.pt")
    w, wanted = torch.randn(2, LAYERS, WIDTH), torch.randn(2, 3, 16, 64, 64)

    def run(network):
        leaf = w.clone().requires_grad_()
        planes = network(leaf)
        planes.backward(wanted)
        return planes.detach(), leaf.grad

    planes, gradient = run(trained)
    for network in (ready, loaded):
        made, pulled = run(network)
        assert (made - planes).abs().max() < 1e-4 * planes.abs().max()
        assert torch.cosine_similarity(pulled.flatten(), gradient.flatten(), dim=0) > 1 - 1e-5
