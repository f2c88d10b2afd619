"""Runs models with Python's onnxruntime on the very tensors that Node ran them on, and compares the answers bit by bit.

Reads JSON from standard input, one job a line: the model's files in order, the feeds, the output and what Node answered.
Writes one line of JSON for each: {"file", "values", "different"} or {"file", "error"}.
"""

import base64
import json
import sys

import numpy as np
import onnxruntime

TYPES = {"float32": np.float32, "float64": np.float64, "int64": np.int64, "int32": np.int32, "int16": np.int16, "int8": np.int8,
         "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64, "bool": np.bool_}


def array(tensor):
    if tensor["type"] == "string":
        return np.array(tensor["texts"], dtype=object).reshape(tensor["dims"])
    return np.frombuffer(base64.b64decode(tensor["bytes"]), dtype=TYPES[tensor["type"]]).reshape(tensor["dims"])


def session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def rows_of(answer, classes):
    """A ZipMap gives a map for each row, sorted by its keys; the model's own order is that of the classes."""
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return np.array([[row[name] for name in classes] for row in answer], dtype=np.float32)
    return np.asarray(answer)


def answer_of(job):
    *steps, model = [session(file) for file in job["files"]]
    feeds = {tensor["name"]: array(tensor) for tensor in job["feeds"]}
    for index, step in enumerate(steps):
        following = (steps + [model])[index + 1]
        feeds = {following.get_inputs()[0].name: step.run(None, feeds)[0]}
    names = [output.name for output in model.get_outputs()]
    if job["output"] in names:
        return rows_of(model.run([job["output"]], feeds)[0], job.get("classes", []))
    # Node took the ZipMap away and reads what it read.
    maps = next(output.name for output in model.get_outputs() if not output.type.startswith("tensor"))
    return rows_of(model.run([maps], feeds)[0], job.get("classes", []))


for line in sys.stdin:
    job = json.loads(line)
    try:
        expected = array(job["answer"])
        answer = answer_of(job)
        if answer.size != expected.size:
            raise ValueError(f"{answer.size} values, Node has {expected.size}")
        if job["answer"]["type"] == "string":
            different = int(np.sum(answer.ravel() != expected.ravel()))
        else:
            bits = np.ascontiguousarray(answer.astype(expected.dtype, copy=False)).view(np.uint8).reshape(answer.size, -1)
            same = np.all(bits == np.ascontiguousarray(expected).view(np.uint8).reshape(answer.size, -1), axis=1)
            different = int(answer.size - np.sum(same))
        print(json.dumps({"file": job["files"][-1], "values": int(answer.size), "different": different}), flush=True)
    except Exception as error:
        print(json.dumps({"file": job["files"][-1], "error": f"{type(error).__name__}: {error}"}), flush=True)
