/** Says where everything is below the home. The tree is the product's contract with its readers: see docs/concepts.md. */
import { dirname, join } from 'node:path'
import type { AttemptRef } from '../protocol/documents/attempt.js'

/** Names of the files of an attempt. */
export const FILES = {
  attempt: 'attempt.json',
  validation: 'validation.json',
  metrics: 'metrics.json',
  /** It has distributions of features and score, for later comparisons. */
  profile: 'profile.json',
  manifest: 'manifest.json',
  /** It says what somebody decided about a held attempt. */
  decision: 'decision.json',
  events: 'events.jsonl',
  report: 'report.html',
  /** This folder has the working files. It is gone once the attempt is sealed. */
  work: 'work',
} as const

/** Lists the folders that a run of a date writes to. Files in them are replaced by name, never written through a link. */
export function foldersOf(home: string, pipeline: string, date: string): readonly string[] {
  const named = [layout.published, layout.publishedPredictions, layout.publishedMetrics, layout.publishedValidation, layout.report]
  const dated = [layout.attempts, layout.publications].map((of) => of(home, pipeline, date))
  return [
    layout.pipeline(home, pipeline),
    ...dated.map((folder) => dirname(folder)),
    ...dated,
    ...named.map((of) => dirname(of(home, pipeline, date))),
    dirname(layout.modelVersion(home, pipeline, 'any')),
  ]
}

export const layout = {
  pipeline: (home: string, pipeline: string) => join(home, pipeline),
  attempts: (home: string, pipeline: string, date: string) => join(home, pipeline, 'attempts', date),
  attempt: (home: string, ref: AttemptRef) => join(home, ref.pipeline, 'attempts', ref.date, ref.attempt),
  work: (home: string, ref: AttemptRef) => join(home, ref.pipeline, 'attempts', ref.date, ref.attempt, FILES.work),
  events: (home: string, ref: AttemptRef) => join(home, ref.pipeline, 'attempts', ref.date, ref.attempt, FILES.events),
  publications: (home: string, pipeline: string, date: string) => join(home, pipeline, 'publications', date),
  published: (home: string, pipeline: string, date: string) => join(home, pipeline, 'published', date),
  /** This is a folder of shards; with its format at the end it is a file. */
  publishedPredictions: (home: string, pipeline: string, date: string) => join(home, pipeline, 'predictions', `predictions_${date}`),
  publishedMetrics: (home: string, pipeline: string, date: string) => join(home, pipeline, 'metrics', `metrics_${date}.json`),
  publishedValidation: (home: string, pipeline: string, date: string) => join(home, pipeline, 'validation', `validation_${date}.json`),
  report: (home: string, pipeline: string, date: string) => join(home, pipeline, 'reports', `report_${date}.html`),
  /** This is the record of a backfill. Beside it lies what became of its messages. */
  backfill: (home: string, pipeline: string, id: string) => join(home, pipeline, 'backfills', `${id}.json`),
  backfillEvents: (home: string, pipeline: string, id: string) => join(home, pipeline, 'backfills', `${id}.events.jsonl`),
  /** This file says what a version of the model is. It is named as the version is written in an address. */
  modelVersion: (home: string, pipeline: string, version: string) => join(home, pipeline, 'models', `${encodeURIComponent(version)}.json`),
  index: (home: string, pipeline: string) => join(home, pipeline, 'reports', 'index.html'),
} as const
