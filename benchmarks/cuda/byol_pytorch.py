"""BYOL in plain PyTorch, to compare ByolSharp with on the same GPU: ResNet, bf16 autocast, channels_last, augmentation on the GPU.

The images are random bytes that lie in GPU memory from the start, so this side neither decodes nor uploads anything: what it measures is the best
case of a Python training. Prints one JSON line with samples_per_second, the median of the repeats.
"""

import argparse
import copy
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

GREY = (0.2989, 0.5870, 0.1140)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def head(inputs, hidden, outputs):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.ReLU(inplace=True), nn.Linear(hidden, outputs, bias=False))


class Network(nn.Module):
    def __init__(self, backbone, hidden, size):
        super().__init__()
        self.encoder = getattr(torchvision.models, backbone)()
        width = self.encoder.fc.in_features
        self.encoder.fc = nn.Identity()
        self.projector = head(width, hidden, size)

    def forward(self, views):
        return self.projector(self.encoder(views))


def regression_loss(prediction, target):
    return (F.normalize(prediction.float(), dim=1) - F.normalize(target.float(), dim=1)).square().sum(1).mean()


def per_image(count, low, high, device):
    return torch.empty(count, 1, 1, 1, device=device).uniform_(low, high)


def chance(count, probability, device):
    return torch.rand(count, 1, 1, 1, device=device) < probability


def crop(images, size):
    """Random resized crop with flip, one affine map an image."""
    n, device = images.shape[0], images.device
    area, aspect = torch.empty(n, device=device).uniform_(0.08, 1), torch.empty(n, device=device).uniform_(math.log(3 / 4), math.log(4 / 3)).exp()
    width, height = (area * aspect).sqrt().clamp_max(1), (area / aspect).sqrt().clamp_max(1)
    x, y = (torch.rand(n, device=device) * 2 - 1) * (1 - width), (torch.rand(n, device=device) * 2 - 1) * (1 - height)
    mirror = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    zero = torch.zeros(n, device=device)
    theta = torch.stack([torch.stack([width * mirror, zero, x], 1), torch.stack([zero, height, y], 1)], 1)
    grid = F.affine_grid(theta, [n, 3, size, size], align_corners=False)
    return F.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)


def grey_of(images):
    return (images * images.new_tensor(GREY).view(1, 3, 1, 1)).sum(1, keepdim=True)


def turn_hue(images, turns):
    value, low = images.amax(1, keepdim=True), images.amin(1, keepdim=True)
    chroma = value - low
    red, green, blue = images.split(1, 1)
    inverse = 1 / chroma.clamp_min(1e-8)
    hue = torch.where(red == value, (green - blue) * inverse, torch.where(green == value, (blue - red) * inverse + 2, (red - green) * inverse + 4))
    hue = (hue + 6 * turns) % 6
    middle, sign, offset = (images.new_tensor(v).view(1, 3, 1, 1) for v in ([3, 2, 4], [1, -1, -1], [-1, 2, 2]))
    return low + chroma * ((hue - middle).abs() * sign + offset).clamp(0, 1)


def saturate(images, factor):
    value = images.amax(1, keepdim=True)
    chroma = (value - images.amin(1, keepdim=True)).clamp_min(1e-8)
    return value - torch.minimum(factor, value / chroma) * (value - images)


def blur(images, radius):
    n, c, h, w = images.shape
    sigma = per_image(n, 0.1, 2.0, images.device)
    taps = torch.arange(-radius, radius + 1, device=images.device).view(1, 1, 1, -1)
    kernel = torch.exp(-taps.square() / (2 * sigma.square()))
    kernel = (kernel / kernel.sum(-1, keepdim=True)).repeat_interleave(c, 0)
    planes = F.conv2d(images.reshape(1, n * c, h, w), kernel, padding=(0, radius), groups=n * c)
    return F.conv2d(planes, kernel.transpose(2, 3), padding=(radius, 0), groups=n * c).view(n, c, h, w)


def augment(raw, size, blur_probability, solarize_probability):
    """The paper's distribution; the order of the jitter is drawn for each batch, which is less work than one for each image."""
    n, device = raw.shape[0], raw.device
    images = crop(raw.float() / 255, size)
    jitter = [
        lambda x: x + per_image(n, -0.4, 0.4, device),
        lambda x: torch.lerp(x.mean((2, 3), keepdim=True), x, per_image(n, 0.6, 1.4, device)),
        lambda x: saturate(x, per_image(n, 0.8, 1.2, device)),
        lambda x: turn_hue(x, per_image(n, -0.1, 0.1, device)),
    ]
    changed = images
    for i in torch.randperm(4).tolist():
        changed = jitter[i](changed).clamp(0, 1)
    images = torch.where(chance(n, 0.8, device), changed, images)
    images = torch.where(chance(n, 0.2, device), grey_of(images), images)
    radius = int(size * 0.1 / 2)
    if radius > 0:
        chosen = (torch.rand(n) < blur_probability).nonzero().flatten().to(device)
        if len(chosen) > 0:
            images = images.index_copy(0, chosen, blur(images[chosen], radius))
    images = torch.where(chance(n, solarize_probability, device) & (images >= 0.5), 1 - images, images)
    normalised = (images - images.new_tensor(MEAN).view(1, 3, 1, 1)) / images.new_tensor(STD).view(1, 3, 1, 1)
    return normalised.contiguous(memory_format=torch.channels_last)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--backbone", default="resnet50")
    arguments.add_argument("--image-size", type=int, default=224)
    arguments.add_argument("--batch-size", type=int, default=256)
    arguments.add_argument("--hidden", type=int, default=4096)
    arguments.add_argument("--projection", type=int, default=256)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--repeats", type=int, default=3)
    options = arguments.parse_args()
    device = torch.device("cuda")
    online = Network(options.backbone, options.hidden, options.projection).to(device, memory_format=torch.channels_last)
    target = copy.deepcopy(online).requires_grad_(False)
    predictor = head(options.projection, options.hidden, options.projection).to(device)
    followed, followers = list(online.parameters()), list(target.parameters())
    optimizer = torch.optim.SGD([*followed, *predictor.parameters()], lr=0.0, momentum=0.9, weight_decay=1.5e-6, fused=True)
    raw = torch.randint(0, 256, (options.batch_size, 3, options.image_size, options.image_size), dtype=torch.uint8, device=device)

    def step():
        with torch.no_grad():
            v1, v2 = augment(raw, options.image_size, 1.0, 0.0), augment(raw, options.image_size, 0.1, 0.2)
        with torch.autocast("cuda", torch.bfloat16):
            q1, q2 = predictor(online(v1)), predictor(online(v2))
            with torch.no_grad():
                t1, t2 = target(v1), target(v2)
        loss = regression_loss(q1, t2) + regression_loss(q2, t1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(followers, followed, 0.004)

    speeds = []
    for _ in range(3):
        step()
    for _ in range(options.repeats):
        torch.cuda.synchronize()
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < options.seconds:
            step()
            steps += 1
            torch.cuda.synchronize()
        speeds.append(options.batch_size * steps / (time.perf_counter() - start))
    print(json.dumps({
        "torch": torch.__version__, "gpu": torch.cuda.get_device_name(), "samples_per_second": statistics.median(speeds),
        "slowest": min(speeds), "fastest": max(speeds), "peak_memory": torch.cuda.max_memory_allocated(),
    }))


if __name__ == "__main__":
    main()
