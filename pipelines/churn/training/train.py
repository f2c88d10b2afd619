"""Trains the churn model that ships with Daybreak and writes model/churn.onnx and model/golden.csv.

The customers are made up, by plain arithmetic on a seeded generator, so every machine trains on the same numbers.
Nothing is written unless onnxruntime answers as scikit-learn does. It never reads a clock or real data.
"""

from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score

MODEL_FOLDER = Path(__file__).resolve().parent.parent / "model"
FEATURES = ["age", "income", "days_since_purchase", "purchase_frequency"]
# The data date of training and golden rows; golden.date in pipeline.ts is the same day.
DATA_DATE = pd.Timestamp("2026-06-30")
TRAINING_ROWS, HELD_OUT_ROWS, COMPARED_ROWS, GOLDEN_ROWS = 40_000, 20_000, 100_000, 200
TOLERANCE = 1e-5
# Newest ONNX that every onnxruntime since 1.17 reads.
TARGET_OPSET = {"": 20, "ai.onnx.ml": 3}


def customers(rows: int, seed: int) -> pd.DataFrame:
    """Made-up customers, with the columns of the daily file. ../sampleDays.ts draws from the same distributions."""
    draw = np.random.default_rng(seed).random((11, rows))
    income = 30_000 * np.prod(0.7 + 0.9 * draw[2:6], axis=0)  # a product of factors: nearly lognormal
    lapsed = draw[6] < 0.2
    days = np.where(lapsed, np.floor(60 + 340 * draw[7]), np.floor(90 * draw[7] * draw[8])).astype(int)
    return pd.DataFrame(
        {
            "customer_id": [f"C{number:06d}" for number in range(1, rows + 1)],
            "age": (18 + np.floor(73 * draw[0] * (0.4 + 0.6 * draw[1]))).astype(int),
            "income": np.round(income, 2),
            "purchase_history": (1 + np.floor(60 * draw[9] * draw[10])).astype(int),
            "last_purchase_date": DATA_DATE - pd.to_timedelta(days, unit="D"),
        }
    )


def features(table: pd.DataFrame) -> np.ndarray:
    """The features of pipeline.ts, in the model's order and precision: float32, as they will arrive in production."""
    days = (DATA_DATE - table["last_purchase_date"]).dt.days
    frequency = table["purchase_history"] / (days + 1)
    columns = [table["age"], table["income"], days, frequency]
    return np.column_stack(columns).astype(np.float32)


def churned(values: np.ndarray, seed: int) -> np.ndarray:
    """Who left: likelier the longer ago and the rarer the purchases, a little likelier for the young and the poor."""
    age, income, days, frequency = values.astype(np.float64).T
    draw = np.random.default_rng(seed).random((13, len(values)))
    tendency = np.clip((days - 110) / 45, -3, 3) - 0.35 * np.minimum(frequency, 4) - 0.006 * (age - 45) - 0.1 * (income / 50_000 - 1)
    chance = draw[:12].sum(axis=0) - 6  # nearly a standard normal
    left = tendency + chance > 0
    return np.where(draw[12] < 0.02, ~left, left).astype(np.int64)  # 2 % leave or stay for reasons of their own


def onnx_answers(model: bytes, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of class 1 as onnxruntime gives them; the model ends in a ZipMap: one map a row."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    labels, maps = session.run(None, {"features": values})
    return labels, np.array([row[1] for row in maps])


def main() -> None:
    values = features(customers(TRAINING_ROWS, seed=1))
    classifier = GradientBoostingClassifier(n_estimators=80, max_depth=3, learning_rate=0.1, min_samples_leaf=100, random_state=0)
    classifier.fit(values, churned(values, seed=2))

    held_out = features(customers(HELD_OUT_ROWS, seed=3))
    truth, score = churned(held_out, seed=4), classifier.predict_proba(held_out)[:, 1]
    print(f"held out: churn rate {truth.mean():.3f}, AUC {roc_auc_score(truth, score):.3f}, Brier score {brier_score_loss(truth, score):.3f}")

    # zipmap is left as it is by default: most models in the field come this way.
    proto = to_onnx(
        classifier, initial_types=[("features", FloatTensorType([None, len(FEATURES)]))], name="churn", target_opset=TARGET_OPSET
    )
    # skl2onnx lists the operator sets in the order of a Python set, which differs from run to run.
    operator_sets = sorted(proto.opset_import, key=lambda operators: operators.domain)
    del proto.opset_import[:]
    proto.opset_import.extend(operator_sets)
    model = proto.SerializeToString(deterministic=True)

    golden = customers(GOLDEN_ROWS, seed=5)
    compared = np.vstack([values, features(golden), features(customers(COMPARED_ROWS, seed=6))])
    expected = classifier.predict_proba(compared)[:, 1]
    labels, answered = onnx_answers(model, compared)
    difference = float(np.abs(answered - expected).max())
    disagreements = int((labels != classifier.predict(compared)).sum())
    print(f"onnxruntime on {len(compared)} rows: largest difference {difference:.1e}, other labels {disagreements}")
    if difference > TOLERANCE or disagreements > 0:
        raise SystemExit("onnxruntime does not answer as scikit-learn does; nothing was written")

    golden_values = features(golden)
    golden["expected_prediction"] = classifier.predict(golden_values)
    golden["expected_score"] = classifier.predict_proba(golden_values)[:, 1]
    MODEL_FOLDER.mkdir(exist_ok=True)
    (MODEL_FOLDER / "churn.onnx").write_bytes(model)
    golden.to_csv(MODEL_FOLDER / "golden.csv", index=False, date_format="%Y-%m-%d", lineterminator="\n")
    print(f"wrote churn.onnx ({len(model)} bytes) and golden.csv ({len(golden)} rows, {golden['expected_prediction'].mean():.1%} churn)")


if __name__ == "__main__":
    main()
