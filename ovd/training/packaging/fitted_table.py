"""Put names that were fitted to a trained network into the table of text embeddings."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ovd.model.backends.ovdense import NAME
from ovd.model.text.encoder import FITTED, LENGTHS, TextEncoder, unit_length
from ovd.model.weights import WeightsRole, load_weights
from ovd.training.text.phrasebook import Phrasebook

Rows = NDArray[np.float32]


def write_fitted_table(
    folder: Path, fitted: Mapping[str, Rows], words: TextEncoder, book: Phrasebook
) -> Path:
    """Write the table of a weights folder again, with fitted names in all their wordings.

    A wording moves as its name did. Other rows stay as they are. The manifest's entry is the
    caller's to renew.

    Args:
        folder: Weights folder of the detector `ovdense`.
        fitted: `(D,)` embeddings by name.
        words: Embeds wordings as they were before anything was fitted.
        book: Wordings of the names.

    Returns:
        The table's path.

    Raises:
        WeightsError: If the table is missing or damaged.
    """
    table = load_weights(folder, NAME, WeightsRole.TEXT_EMBEDDINGS)
    old = table.tensors["text_embeds"].astype(np.float32)
    lengths = table.tensors.get(LENGTHS, np.ones(len(old), dtype=np.float16)).astype(np.float32)
    rows = dict(zip(table.names, zip(old, lengths, strict=True), strict=True))
    for name, vector in fitted.items():
        wordings = book.wordings(name)
        embeds = words.embed(wordings)
        moved = embeds + (vector - embeds[0])
        norms = np.linalg.norm(moved, axis=1)
        rows |= zip(wordings, zip(unit_length(moved), norms, strict=True), strict=True)
    names = tuple(rows)
    known = [*(table.names[row] for row in table.tensors.get(FITTED, ())), *fitted]
    fitted_rows = np.array([names.index(name) for name in dict.fromkeys(known)], dtype=np.int32)
    tensors: dict[str, NDArray[np.generic]] = {
        "text_embeds": np.stack([row for row, _ in rows.values()]).astype(np.float16),
        LENGTHS: np.array([length for _, length in rows.values()], dtype=np.float16),
        FITTED: fitted_rows,
    }
    encoder_id = f"{table.encoder_id.partition('+')[0]}+{len(fitted_rows)}"
    path = folder / table.entry.file
    save_file(tensors, path, {"ovd": json.dumps({"names": names, "encoder_id": encoder_id})})
    path.chmod(0o644)
    return path
