# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0
"""Loads every frame of a dataset with LeRobot's own reader and holds each against the raw files.

The reader is lerobot 0.4.4's LeRobotDataset, unmodified, with its default decoder. What it returns
is compared with what pyarrow, Pillow and PyAV find in the same files by other ways, and every
statistic of the dataset and of its episodes with what numpy computes from all of it.

usage: 30-lerobot-reader.py DATASET_DIR
"""

import importlib.util
import io
import json
import os
import pathlib
import re
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="hf-home-")

import torch  # noqa: E402

# torchvision's wheel on PyPI is built for CUDA: beside a CPU build of torch its C++ operators do
# not load, and importing it fails on the operators it then describes. Naming them is enough.
_torch = pathlib.Path(importlib.util.find_spec("torch").origin).parent
_meta = (_torch.parent / "torchvision" / "_meta_registrations.py").read_text()
_library = torch.library.Library("torchvision", "DEF")
for _name in sorted(set(re.findall(r'register_(?:meta|fake)\("(?:torchvision::)?(\w+)"', _meta))):
    try:
        _library.define(f"{_name}(Tensor a) -> Tensor")
    except RuntimeError:
        pass  # a torchvision whose operators did load

import av  # noqa: E402
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from lerobot.datasets.lerobot_dataset import LeRobotDataset  # noqa: E402
from PIL import Image  # noqa: E402

WINDOW = 8  # steps of action that a policy asks for at once
# Two decoders convert the same Y'CbCr to RGB: single samples may round differently, a whole frame
# off by one does not stay below this mean difference unless nothing moves.
DECODER_MEAN_DIFFERENCE = 2.0

QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
FIGURES = ["min", "max", "mean", "std", *QUANTILES]
# Statistics are of the pixels before compression; extremes of single pixels do not survive it.
VIDEO_TOLERANCE = {"mean": 0.01, "std": 0.1, "q10": 0.1, "q50": 0.1, "q90": 0.1}

passed = 0
failures = {}


def check(ok, name, detail=""):
    """Counts one comparison; keeps the first failure of each name."""
    global passed
    if ok:
        passed += 1
    else:
        count, first = failures.get(name, (0, detail))
        failures[name] = (count + 1, first)


def read_tables(root):
    """All rows of the data files, of the episodes and of the tasks, without LeRobot."""
    rows = pa.concat_tables(pq.read_table(p) for p in sorted(root.glob("data/*/*.parquet")))
    episodes = pa.concat_tables(
        pq.read_table(p) for p in sorted(root.glob("meta/episodes/*/*.parquet"))
    )
    tasks = pq.read_table(root / "meta/tasks.parquet")
    text = next(n for n in tasks.column_names if n != "task_index")
    names = dict(zip(tasks["task_index"].to_pylist(), tasks[text].to_pylist()))
    return rows, episodes.to_pylist(), names


def decode_all(root, info, episodes, key):
    """Every frame of a camera in order of the dataset, by PyAV, one small image each."""
    files = {}
    for episode in episodes:
        at = (episode[f"videos/{key}/chunk_index"], episode[f"videos/{key}/file_index"])
        files.setdefault(at, []).append(episode)
    frames = [None] * info["total_frames"]
    for (chunk, file), members in files.items():
        path = root / info["video_path"].format(video_key=key, chunk_index=chunk, file_index=file)
        with av.open(str(path)) as container:
            decoded = []
            for number, frame in enumerate(container.decode(video=0)):
                exact = frame.pts * frame.time_base * info["fps"] == number
                check(exact, f"{key}: presentation time", f"{path.name} frame {number}")
                decoded.append(frame.to_ndarray(format="rgb24"))
        total = sum(episode["length"] for episode in members)
        check(len(decoded) == total, f"{key}: frames in file", f"{len(decoded)} for {total}")
        for episode in members:
            start = episode[f"videos/{key}/from_timestamp"] * info["fps"]
            end = episode[f"videos/{key}/to_timestamp"] * info["fps"]
            length = abs(end - start - episode["length"]) < 1e-6
            check(length, f"{key}: to_timestamp", f"episode {episode['episode_index']}")
            for step in range(episode["length"]):
                frames[episode["dataset_from_index"] + step] = decoded[round(start) + step]
    return frames


def raw_image(cell):
    """The samples of a PNG that stands in the data file."""
    return np.array(Image.open(io.BytesIO(cell["bytes"])))


def check_video(item, key, feature, frame, i):
    height, width, channels = feature["shape"]
    image = item[key]
    check(tuple(image.shape) == (channels, height, width), f"{key}: shape", str(image.shape))
    in_range = image.dtype == torch.float32 and 0 <= image.min() and image.max() <= 1
    check(in_range, f"{key}: range", f"frame {i}")
    got = (image.permute(1, 2, 0).numpy() * 255).round()
    difference = np.abs(got - frame).mean()
    check(difference < DECODER_MEAN_DIFFERENCE, f"{key}: picture", f"frame {i}: {difference:.2f}")


def check_image(item, key, feature, cell, i):
    height, width, channels = feature["shape"]
    raw, image = raw_image(cell), item[key]
    check(raw.shape[:2] == (height, width), f"{key}: PNG size", f"frame {i}: {raw.shape}")
    check(tuple(image.shape) == (channels, height, width), f"{key}: shape", str(image.shape))
    if (feature.get("info") or {}).get("is_depth_map"):
        # lerobot 0.4.4 hands 16-bit images over as int16, newer ones as float32: millimetres both.
        known = image.dtype in (torch.int16, torch.float32)
        same = (image[0].numpy().astype(np.int64) & 0xFFFF == raw).all()
        check(known and same, f"{key}: millimetres", f"frame {i}: {image.dtype}")
    else:
        labels = (image.numpy() * 255).round().astype(np.uint8)
        raw = raw[None] if raw.ndim == 2 else raw.transpose(2, 0, 1)
        check((labels == raw).all(), f"{key}: labels", f"frame {i}")


def check_vector(item, key, feature, cell, i):
    got = np.asarray(item[key])
    shape = tuple(feature["shape"])
    check(got.shape in (shape, () if shape == (1,) else shape), f"{key}: shape", str(got.shape))
    same = np.array_equal(got.reshape(-1), np.asarray(cell, dtype=got.dtype).reshape(-1))
    check(same, f"{key}: value", f"frame {i}")


def check_window(item, rows, episode, i):
    last = episode["dataset_to_index"] - 1
    got, padding = item["action"].numpy(), item["action_is_pad"].numpy()
    for step in range(WINDOW):
        row = min(i + step, last)
        same = np.array_equal(got[step].reshape(-1), np.asarray(rows[row], np.float32).reshape(-1))
        check(same, "action window: value", f"frame {i} step {step}")
        check(bool(padding[step]) == (i + step > last), "action window: padding", f"frame {i}")


def check_frame(item, i, context):
    info, columns, episodes, tasks, videos = context
    episode = episodes[columns["episode_index"][i]]
    step = i - episode["dataset_from_index"]
    check(0 <= step < episode["length"], "episode range", f"frame {i}")
    check(int(item["index"]) == i, "index", f"frame {i}")
    check(int(item["frame_index"]) == step, "frame_index", f"frame {i}")
    exact = np.float32(item["timestamp"]) == np.float32(step / info["fps"])
    check(exact, "timestamp", f"frame {i}: {float(item['timestamp'])}")
    task = tasks[columns["task_index"][i]]
    check(isinstance(task, str) and item["task"] == task, "task", f"frame {i}: {item['task']!r}")
    check(task in episode["tasks"], "episode tasks", f"frame {i}: {task!r}")
    for key, feature in info["features"].items():
        if feature["dtype"] == "video":
            check_video(item, key, feature, videos[key][i], i)
        elif feature["dtype"] == "image":
            check_image(item, key, feature, columns[key][i], i)
        elif key == "action":
            check_window(item, columns[key], episode, i)
        else:
            check_vector(item, key, feature, columns[key][i], i)


def samples(feature, frames):
    """The numbers of a feature's frames, [frames x samples x dimensions], and LeRobot's scale."""
    if feature["dtype"] not in ("image", "video"):
        return np.asarray(frames, np.float64).reshape(len(frames), 1, -1), 1
    if feature["dtype"] == "image":
        frames = [raw_image(cell) for cell in frames]
    numbers = np.stack(frames).reshape(len(frames), -1, feature["shape"][2])
    return numbers, 255 if numbers.dtype == np.uint8 else 1


def true_figures(numbers, scale):
    """The statistics of numbers, [frames x samples x dimensions]."""
    if not np.issubdtype(numbers.dtype, np.unsignedinteger):
        flat, p = numbers.reshape(-1, numbers.shape[2]), list(QUANTILES.values())
        rows = [flat.min(0), flat.max(0), flat.mean(0), flat.std(0), *np.quantile(flat, p, axis=0)]
        return dict(zip(FIGURES, np.array(rows, np.float64)))
    columns = []
    for dimension in range(numbers.shape[2]):
        # Millions of pixels, but few values: how often each occurs says it all.
        counts = sum(np.bincount(frame[:, dimension], minlength=1 << 16) for frame in numbers)
        values = np.flatnonzero(counts).astype(np.float64)
        counts = counts[counts > 0]
        mean = np.average(values, weights=counts)
        std = np.sqrt(np.average((values - mean) ** 2, weights=counts))
        ranks, places = np.cumsum(counts), (counts.sum() - 1) * np.array([*QUANTILES.values()])
        low = values[np.searchsorted(ranks, np.floor(places), side="right")]
        high = values[np.searchsorted(ranks, np.ceil(places), side="right")]
        columns.append([values[0], values[-1], mean, std, *(low + (high - low) * (places % 1))])
    return dict(zip(FIGURES, np.array(columns).T / scale))


def check_figures(stated, numbers, scale, feature, name):
    """One set of statistics against the numbers behind it."""
    check(list(stated["count"]) == [len(numbers)], f"{name}: count", str(stated["count"]))
    is_image, is_video = feature["dtype"] in ("image", "video"), feature["dtype"] == "video"
    dimensions = numbers.shape[2]
    for figure, true in true_figures(numbers, scale).items():
        found = stated[figure].astype(np.float64)
        shape = (dimensions, 1, 1) if is_image else (dimensions,)
        check(found.shape == shape, f"{name}: shape of {figure}", str(found.shape))
        found = found.reshape(-1)
        exact = 1e-12 + 1e-9 * np.abs(true)
        bound = VIDEO_TOLERANCE.get(figure, 1) if is_video else exact
        check((np.abs(found - true) <= bound).all(), f"{name}: {figure}", f"{found}, {true}")
    rising = [stated[f].astype(float).reshape(-1) for f in ("min", *QUANTILES, "max")]
    check((np.diff(rising, axis=0) >= 0).all(), f"{name}: order", str(rising))


def check_statistics(info, stats, columns, videos, episodes):
    """Every statistic of the dataset and of each episode."""
    check(set(stats) == set(info["features"]), "features of the statistics", str(sorted(stats)))
    for key, feature in info["features"].items():
        numbers, scale = samples(feature, videos[key] if key in videos else columns[key])
        check_figures(stats[key], numbers, scale, feature, f"statistics of {key}")
        for episode in episodes:
            prefix = f"stats/{key}/"
            stated = {
                name.removeprefix(prefix): np.array(value)
                for name, value in episode.items()
                if name.startswith(prefix)
            }
            frames = numbers[episode["dataset_from_index"] : episode["dataset_to_index"]]
            check_figures(stated, frames, scale, feature, f"statistics of an episode's {key}")


def main(root):
    info = json.loads((root / "meta/info.json").read_text())
    rows, episodes, tasks = read_tables(root)
    check(rows.num_rows == info["total_frames"], "total_frames", f"{rows.num_rows} rows")
    check(len(episodes) == info["total_episodes"], "total_episodes", f"{len(episodes)} rows")
    check(len(tasks) == info["total_tasks"], "total_tasks", f"{len(tasks)} rows")
    keys = [k for k, feature in info["features"].items() if feature["dtype"] == "video"]
    videos = {key: decode_all(root, info, episodes, key) for key in keys}
    columns = {name: rows[name].to_pylist() for name in rows.column_names}

    steps = {"action": [step / info["fps"] for step in range(WINDOW)]}
    dataset = LeRobotDataset(
        "local/check", root=root, video_backend="torchcodec", delta_timestamps=steps
    )
    check(len(dataset) == info["total_frames"], "len(dataset)", str(len(dataset)))
    context = (info, columns, episodes, tasks, videos)
    for i in range(len(dataset)):
        check_frame(dataset[i], i, context)

    check_statistics(info, dataset.meta.stats, columns, videos, episodes)
    # A policy also asks for the frame before: across an episode's first frame it must be padded.
    if keys:
        past = {keys[0]: [-1 / info["fps"], 0]}
        pairs = LeRobotDataset(
            "local/check", root=root, video_backend="torchcodec", delta_timestamps=past
        )
        for i in range(len(pairs)):
            pair, frame = pairs[i][keys[0]], videos[keys[0]][i]
            got = (pair[1].permute(1, 2, 0).numpy() * 255).round()
            near = np.abs(got - frame).mean() < DECODER_MEAN_DIFFERENCE
            check(pair.shape[0] == 2 and near, f"{keys[0]}: pair", f"frame {i}")
    loader = torch.utils.data.DataLoader(dataset, batch_size=4)
    check(len(next(iter(loader))["task"]) == min(4, len(dataset)), "batch", "task strings")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
    for name, (count, first) in sorted(failures.items()):
        print(f"failed: {name}: {first} ({count} times)")
    failed = sum(count for count, _ in failures.values())
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)
