"""Does a day with polars and onnxruntime, written with care: the strongest Python we know for this job.

It declares types, reads the file once, works on columns, and runs one ONNX session with a thread for each core on batches of 65,536 rows.
It has validation, duplicates, metrics, checks of the results by reading them back, and a page. It has no fingerprints, no rejects with
reasons, no manifest and no recovery.

Usage: polars_job.py INPUT MODEL.onnx FOLDER DATE
"""

import json
import sys
from datetime import date, datetime
from pathlib import Path

import numpy as np
import onnxruntime
import polars as pl

INPUT, MODEL, FOLDER, DATE = sys.argv[1], sys.argv[2], Path(sys.argv[3]), date.fromisoformat(sys.argv[4])
BATCH = 65_536
SCHEMA = {"customer_id": pl.String, "age": pl.Float64, "income": pl.Float64, "purchase_history": pl.Float64, "last_purchase_date": pl.Date}

table = pl.read_csv(INPUT, schema=SCHEMA)
nulls = {name: table[name].null_count() for name in SCHEMA}
doubled = len(table) - table["customer_id"].n_unique()
in_range = table.select(
    ((pl.col("age") < 0) | (pl.col("age") > 120) | (pl.col("income") < 0) | (pl.col("purchase_history") < 0) | (pl.col("last_purchase_date") > DATE)).sum()
).item()
validation = {"total_records": len(table), "null_counts": nulls, "duplicate_count": doubled, "out_of_range": in_range}
(FOLDER / "validation.json").write_text(json.dumps(validation, indent=2))

days = (pl.lit(DATE) - pl.col("last_purchase_date")).dt.total_days()
features = table.select(
    pl.col("age").cast(pl.Float32),
    pl.col("income").cast(pl.Float32),
    days.cast(pl.Float32).alias("days"),
    (pl.col("purchase_history") / (days + 1)).cast(pl.Float32).alias("frequency"),
).to_numpy(order="c")

session = onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
output = session.get_outputs()[-1].name
score = np.empty(len(table), dtype=np.float32)
for start in range(0, len(table), BATCH):
    score[start : start + BATCH] = session.run([output], {name: features[start : start + BATCH]})[0][:, 1]
label = (score >= 0.5).astype(np.int64)
confidence = np.where(label == 1, score, 1 - score)

results = pl.DataFrame({"customer_id": table["customer_id"], "prediction": label, "probability": confidence})
results = results.with_columns(pl.lit(datetime.now().isoformat()).alias("timestamp"))
results.write_csv(FOLDER / "predictions.csv")
metrics = {
    "total_predictions": len(results),
    "churn_predictions": int(label.sum()),
    "churn_rate": float(label.mean()),
    "avg_confidence": float(confidence.mean()),
    "high_confidence_predictions": int((confidence > 0.8).sum()),
    "low_confidence_predictions": int((confidence < 0.6).sum()),
}
(FOLDER / "metrics.json").write_text(json.dumps(metrics, indent=2))

read_back = pl.read_csv(FOLDER / "predictions.csv", columns=["prediction", "probability"])
checks = {
    "records_match": len(read_back) == metrics["total_predictions"],
    "prediction_values_valid": bool(read_back["prediction"].is_in([0, 1]).all()),
    "probability_range_valid": bool(read_back["probability"].is_between(0, 1).all()),
    "no_nulls": read_back.null_count().sum_horizontal().item() == 0,
}
lines = [f"<li>{name}: {value}</li>" for name, value in {**metrics, **checks}.items()]
(FOLDER / "report.html").write_text(f"<html><body><h1>Predictions</h1><ul>{''.join(lines)}</ul></body></html>")
print(json.dumps({"rows": len(results)}))
