/** Writes the report, for every outcome, and the pipeline's index page. Both are views: they are rendered again whenever somebody asks. */
import { dirname, join, relative } from 'node:path'
import { exists, readJsonIfThere, writeWhole } from '../engine/files/fileSystem.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { Manifest } from '../engine/protocol/documents/manifest.js'
import type { Metrics, MetricsFile } from '../engine/protocol/documents/metrics.js'
import type { ValidationFile } from '../engine/protocol/documents/validation.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { metricsOf } from '../engine/quality/metrics.js'
import { listDates, readManifest } from '../engine/storage/attempts.js'
import { shownManifest } from '../engine/storage/dayOnDisk.js'
import { readEvents } from '../engine/storage/events.js'
import { readDecision } from '../engine/storage/holds.js'
import { FILES, layout } from '../engine/storage/layout.js'
import { predictionsIn, rejectsIn } from '../engine/storage/predictionFiles.js'
import { currentPublication } from '../engine/storage/publications.js'
import { readRejects } from '../engine/table/rejectsFile.js'
import { renderIndex } from '../templates/indexPage.js'
import { renderReport } from '../templates/report.js'
import type { RejectSample, ReportData, ReportLinks } from '../templates/reportData.js'
import { decisionSentence } from '../templates/wording.js'

/** The report shows so many rejected rows; the file has them all. */
const REJECTS_SHOWN = 20

/** The index page lists so many days. */
const INDEX_DAYS = 90

/** Writes the report of a sealed attempt; when it is the one that its date shows, the date's report and the index page too. */
export async function writeReport(home: string, attempt: AttemptRef): Promise<string> {
  const folder = layout.attempt(home, attempt)
  const data = await reportData(home, attempt)
  await writeWhole(join(folder, FILES.report), renderReport({ ...data, links: await linksFrom(folder, home, attempt) }))

  const shown = await shownManifest(home, attempt.pipeline, attempt.date)
  if (shown?.attempt !== attempt.attempt) return join(folder, FILES.report)
  const path = layout.report(home, attempt.pipeline, attempt.date)
  await writeWhole(path, renderReport({ ...data, links: await linksFrom(dirname(path), home, attempt) }))
  await writeIndex(home, attempt.pipeline)
  return path
}

/** Reads the metrics of a sealed attempt, if it came that far. */
export async function sealedMetrics(home: string, manifest: Manifest): Promise<Metrics | undefined> {
  const file = await readJsonIfThere<MetricsFile>(join(layout.attempt(home, manifest), FILES.metrics))
  return file && metricsOf(file, manifest.pipelineInfo)
}

/** The publication that readers see, in the form that the templates want. */
export async function publishedNow(home: string, { pipeline, date }: AttemptRef): Promise<ReportData['published']> {
  const current = await currentPublication(home, pipeline, date)
  if (!current) return undefined
  const { attempt, at, number, by, why } = current
  return { attempt, at, number, by, why }
}

async function reportData(home: string, attempt: AttemptRef): Promise<Omit<ReportData, 'links'>> {
  const manifest = await readManifest(home, attempt)
  if (!manifest) throw new DaybreakError('StorageDamaged', `attempt ${attempt.attempt} of ${attempt.date} is not sealed`)
  const folder = layout.attempt(home, attempt)
  const validation = await readJsonIfThere<ValidationFile>(join(folder, FILES.validation))
  const metrics = await sealedMetrics(home, manifest)
  const published = await publishedNow(home, attempt)
  const decision = await readDecision(home, attempt)
  return {
    manifest,
    ...(validation ? { validation } : {}),
    ...(metrics ? { metrics } : {}),
    events: await readEvents(home, attempt),
    ...(decision ? { decision } : {}),
    rejectSamples: await firstRejects(folder),
    ...(published ? { published } : {}),
  }
}

async function firstRejects(folder: string): Promise<readonly RejectSample[]> {
  const name = await rejectsIn(folder)
  const samples: RejectSample[] = []
  if (name === undefined) return samples
  for await (const { line, key, column, rule, reason } of readRejects(join(folder, name))) {
    samples.push({ line, key, column, rule, reason })
    if (samples.length === REJECTS_SHOWN) break
  }
  return samples
}

/** Makes links relative to where the page lies, so that they still work in a copied folder. */
async function linksFrom(page: string, home: string, attempt: AttemptRef): Promise<ReportLinks> {
  const folder = layout.attempt(home, attempt)
  const link = async (name: string) => ((await exists(join(folder, name))) ? relative(page, join(folder, name)) : undefined)
  const [first, rejects] = [(await predictionsIn(folder))[0], await rejectsIn(folder)]
  // Of shards: their folder.
  const predictions = first && (first.includes('/') ? dirname(first) : first)
  const links = {
    predictions: predictions && (await link(predictions)),
    rejects: rejects && (await link(rejects)),
    validation: await link(FILES.validation),
    metrics: await link(FILES.metrics),
    manifest: await link(FILES.manifest),
    index: relative(page, layout.index(home, attempt.pipeline)),
  }
  return Object.fromEntries(Object.entries(links).filter(([, value]) => value !== undefined)) as ReportLinks
}

/** Writes the pipeline's page of days. */
export async function writeIndex(home: string, pipeline: string): Promise<void> {
  const page = layout.index(home, pipeline)
  const dates = (await listDates(home, pipeline)).slice(-INDEX_DAYS).reverse()
  const days = await Promise.all(dates.map((date) => indexDay(home, pipeline, date)))
  await writeWhole(page, renderIndex({ pipeline, days: days.filter((found) => found !== undefined) }))
}

async function indexDay(home: string, pipeline: string, date: string) {
  const manifest = await shownManifest(home, pipeline, date)
  if (!manifest) return undefined
  const current = await currentPublication(home, pipeline, date)
  const decision = await readDecision(home, manifest)
  const { verdict, headline, accounts, attempt } = manifest
  return {
    date,
    verdict,
    ...(decision ? { decision: decision.decision } : {}),
    headline: decision ? decisionSentence(decision) : headline,
    attempt,
    report: relative(dirname(layout.index(home, pipeline)), layout.report(home, pipeline, date)),
    published: current !== undefined,
    ...(accounts ? { rows: accounts.read, rejected: accounts.rejected } : {}),
  }
}
