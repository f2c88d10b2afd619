"""Trains the benchmark's models on made-up customers and writes each for Python (.pkl) and as ONNX. The seed is fixed, so the models are the same.

Usage: train.py FOLDER
"""

import sys
from pathlib import Path

import joblib
import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDER = Path(sys.argv[1])
ROWS = 20_000

draw = np.random.default_rng(5).random((6, ROWS))
age = np.floor(18 + 70 * draw[0])
income = np.round(20_000 + 90_000 * draw[1] * draw[2], 2)
days = np.floor(400 * draw[3] ** 2)
frequency = np.floor(1 + 60 * draw[4]) / (days + 1)
X = np.column_stack([age, income, days, frequency]).astype(np.float32)
left = (days / 130 - 0.3 * np.minimum(frequency, 4) - 0.004 * age + (draw[5] - 0.5) > 0.4).astype(np.int64)

MODELS = {
    "linear": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(n_estimators=100, max_depth=8, random_state=0, n_jobs=2),
    "boosting": GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0),
}
for name, model in MODELS.items():
    model.fit(X, left)
    joblib.dump(model, FOLDER / f"{name}.pkl")
    proto = to_onnx(model, X[:1], options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3})
    (FOLDER / f"{name}.onnx").write_bytes(proto.SerializeToString())
