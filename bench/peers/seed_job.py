"""Does the steps of the Airflow DAG that Daybreak replaces in one process, with pandas and scikit-learn, as the DAG has them.

It reads and validates the file, reads it again and predicts, writes predictions and metrics, reads the predictions back, checks them,
writes a report, looks for anomalies. The data date is given: a benchmark has no today.

Usage: seed_job.py INPUT MODEL.pkl FOLDER DATE
"""

import json
import sys
from datetime import datetime
from pathlib import Path

import joblib
import pandas as pd

INPUT, MODEL, FOLDER, DATE = sys.argv[1], sys.argv[2], Path(sys.argv[3]), pd.Timestamp(sys.argv[4])
REQUIRED = ["customer_id", "age", "income", "purchase_history", "last_purchase_date"]


def validate(table):
    errors, warnings = [], []
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        errors.append(f"Missing required columns: {missing}")
    nulls = table.isnull().sum()
    high = nulls[nulls > len(table) * 0.1].index.tolist()
    if high:
        warnings.append(f"High null values in columns: {high}")
    for name in ("age", "income"):
        if not pd.api.types.is_numeric_dtype(table[name]):
            errors.append(f"{name} should be numeric")
    doubled = table.duplicated(subset=["customer_id"]).sum()
    if doubled > 0:
        warnings.append(f"Found {doubled} duplicate customer IDs")
    statistics = {"total_records": len(table), "null_counts": nulls.to_dict(), "duplicate_count": int(doubled)}
    return {"valid": len(errors) == 0, "errors": errors, "warnings": warnings, "statistics": statistics}


def features_of(table):
    features = table.copy()
    features["age_group"] = pd.cut(features["age"], bins=[0, 25, 35, 50, 100], labels=["young", "adult", "middle", "senior"])
    features["income_category"] = pd.qcut(features["income"], q=5, labels=["very_low", "low", "medium", "high", "very_high"])
    features["days_since_purchase"] = (DATE - pd.to_datetime(features["last_purchase_date"])).dt.days
    features["purchase_frequency"] = features["purchase_history"] / (features["days_since_purchase"] + 1)
    return features[["age", "income", "days_since_purchase", "purchase_frequency"]]


validation = validate(pd.read_csv(INPUT))
(FOLDER / "validation.json").write_text(json.dumps(validation, indent=2))

table = pd.read_csv(INPUT)
model = joblib.load(MODEL)
features = features_of(table).to_numpy()
predictions = model.predict(features)
probabilities = model.predict_proba(features)
results = pd.DataFrame(
    {"customer_id": table["customer_id"], "prediction": predictions, "probability": probabilities.max(axis=1), "timestamp": datetime.now()}
)
results.to_csv(FOLDER / "predictions.csv", index=False)
metrics = {
    "total_predictions": len(results),
    "churn_predictions": int((results["prediction"] == 1).sum()),
    "non_churn_predictions": int((results["prediction"] == 0).sum()),
    "churn_rate": float((results["prediction"] == 1).mean()),
    "avg_confidence": float(results["probability"].mean()),
    "high_confidence_predictions": int((results["probability"] > 0.8).sum()),
    "low_confidence_predictions": int((results["probability"] < 0.5).sum()),
}
(FOLDER / "metrics.json").write_text(json.dumps(metrics, indent=2))

read_back = pd.read_csv(FOLDER / "predictions.csv")
checks = {
    "file_exists": (FOLDER / "predictions.csv").exists(),
    "records_match": len(read_back) == metrics["total_predictions"],
    "prediction_values_valid": bool(read_back["prediction"].isin([0, 1]).all()),
    "probability_range_valid": bool(read_back["probability"].between(0, 1).all()),
    "no_null_predictions": bool(read_back["prediction"].notna().all()),
    "no_null_probabilities": bool(read_back["probability"].notna().all()),
}
lines = [f"<li>{name}: {value}</li>" for name, value in {**metrics, **checks}.items()]
(FOLDER / "report.html").write_text(f"<html><body><h1>Batch Prediction Report</h1><ul>{''.join(lines)}</ul></body></html>")
low = metrics["low_confidence_predictions"] / metrics["total_predictions"]
anomalies = [metrics["churn_rate"] > 0.5 or metrics["churn_rate"] < 0.01, metrics["avg_confidence"] < 0.6, low > 0.3]
print(json.dumps({"rows": len(results), "anomalies": sum(anomalies)}))
