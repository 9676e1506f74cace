"""Photometric augmentation: exposure, blur, noise, night, compression, low resolution.

Each function takes `(H, W, 3)` uint8 RGB and returns a new image of the same size. None changes
the hue of a colour by more than a few degrees, so that colour words stay true; `night` and `gray`
remove colours, and `CameraEffects` then makes the colour labels unknown.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.training.data.augment import AugmentConfig
from ovd.training.data.examples import Example

Pixels = NDArray[np.uint8]
MIN_DAYLIGHT = 70.0
LEVELS = np.arange(256, dtype=np.float32) / 255.0


def jitter_color(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Change exposure, contrast and saturation, and white balance slightly."""
    gamma = np.exp(rng.uniform(-0.3, 0.3))
    contrast, brightness = rng.uniform(0.75, 1.15), rng.uniform(-0.07, 0.07)
    balance = rng.uniform(0.95, 1.05, 3)
    curve = (LEVELS[:, None] ** gamma - 0.5) * contrast + 0.5 + brightness
    table = np.clip(curve * balance * 255.0, 0, 255).astype(np.uint8)
    return _saturate(_map_levels(image, table), rng.uniform(0.65, 1.35))


def _map_levels(image: Pixels, table: Pixels) -> Pixels:
    return np.asarray(cv2.LUT(image, table[None]), dtype=np.uint8)


def _saturate(image: Pixels, factor: float) -> Pixels:
    gray = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(image, factor, gray, 1.0 - factor, 0.0), dtype=np.uint8)


def to_gray(image: Pixels) -> Pixels:
    """Convert to the image of an infrared or black-and-white camera."""
    return _saturate(image, 0.0)


def to_night(image: Pixels, noise: Pixels, rng: np.random.Generator) -> Pixels:
    """Simulate low light: dark, pale and noisy. Meant for images taken in daylight."""
    curve = LEVELS ** rng.uniform(1.3, 2.0) * rng.uniform(0.5, 0.9) + rng.uniform(0.0, 0.06)
    table = np.repeat(np.clip(curve * 255.0, 0, 255).astype(np.uint8)[:, None], 3, axis=1)
    dark = _saturate(_map_levels(image, table), rng.uniform(0.2, 0.7))
    return add_noise(dark, noise, rng.uniform(6, 14), rng)


def prepare_noise(side_px: int) -> Pixels:
    """Return fixed noise `(side_px, side_px, 3)` of mean 128 and standard deviation 32."""
    levels = np.random.default_rng(0).normal(128.0, 32.0, (side_px, side_px, 3))
    return np.clip(levels, 0, 255).astype(np.uint8)


def add_noise(image: Pixels, noise: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    """Add sensor noise of the given standard deviation in grey levels.

    Args:
        image: `(H, W, 3)` uint8.
        noise: From `prepare_noise`, at least as large as the image.
        sigma: Strength.
        rng: Where in `noise` to start.
    """
    height, width = image.shape[:2]
    top = int(rng.integers(noise.shape[0] - height + 1))
    left = int(rng.integers(noise.shape[1] - width + 1))
    factor = sigma / 32.0
    return np.asarray(
        cv2.addWeighted(
            image, 1.0, noise[top : top + height, left : left + width], factor, -128.0 * factor
        ),
        dtype=np.uint8,
    )


def blur(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Apply defocus or motion blur of a few pixels."""
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 1.6)), dtype=np.uint8)
    length = int(rng.choice([3, 5, 7]))
    kernel = np.zeros((length, length), dtype=np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    start, end = np.round(middle - reach).astype(int), np.round(middle + reach).astype(int)
    cv2.line(kernel, tuple(start.tolist()), tuple(end.tolist()), (1.0,))
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), dtype=np.uint8)


def compress(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Add JPEG artefacts."""
    quality = int(rng.integers(18, 60))
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)


def lower_resolution(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Shrink the image to 45 to 85 % of its size and enlarge it again."""
    height, width = image.shape[:2]
    factor = rng.uniform(0.45, 0.85)
    small = cv2.resize(
        image, (int(width * factor), int(height * factor)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height)), dtype=np.uint8)


class CameraEffects:
    """Applies random camera effects to examples; holds noise that is prepared once."""

    def __init__(self, config: AugmentConfig, max_side_px: int = 1024) -> None:
        """Prepare noise for images of up to `max_side_px`; the same for every run."""
        self._config = config
        self._noise = prepare_noise(max_side_px + 64)

    def __call__(self, example: Example, rng: np.random.Generator) -> Example:
        """Return the example as another camera would have recorded it."""
        config = self._config
        image, removes_color = self._exposed(example.image, rng)
        if rng.random() < config.blur:
            image = blur(image, rng)
        if rng.random() < config.low_resolution:
            image = lower_resolution(image, rng)
        if rng.random() < config.noise:
            image = add_noise(image, self._noise, rng.uniform(2, 9), rng)
        if rng.random() < config.compression:
            image = compress(image, rng)
        changed = replace(example, image=image)
        return changed.without_colors() if removes_color else changed

    def _exposed(self, image: Pixels, rng: np.random.Generator) -> tuple[Pixels, bool]:
        config = self._config
        choice = rng.random()
        if choice < config.night and image.mean() > MIN_DAYLIGHT:
            return to_night(image, self._noise, rng), True
        if choice < config.night + config.gray:
            return to_gray(image), True
        if rng.random() < config.color_jitter:
            return jitter_color(image, rng), False
        return image, False
