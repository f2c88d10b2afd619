/** Knows the files of predictions and rejects of an attempt: CSV or JSON Lines, one file or shards in a folder of their own. */
import { join } from 'node:path'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { namesIn } from '../files/fileSystem.js'
import { layout } from './layout.js'

/** The folder of shards. */
const SHARDS = 'predictions'
const FORMATS = ['csv', 'jsonl'] as const
export type OutputFormat = (typeof FORMATS)[number]

/** Names the predictions below the attempt's folder, in record order. */
export function predictionsNames(format: OutputFormat, shards: number | undefined): readonly string[] {
  if (shards === undefined) return [`predictions.${format}`]
  const number = (value: number) => String(value).padStart(5, '0')
  return Array.from({ length: shards }, (_, index) => `${SHARDS}/predictions-${number(index)}-of-${number(shards)}.${format}`)
}

export const rejectsName = (format: OutputFormat): string => `rejects.${format}`

/** Says where an attempt's predictions and rejects go, in record order. */
export function outputFiles(folder: string, { output }: Pick<AnyPipeline, 'output'>) {
  const format = output?.format ?? 'csv'
  return {
    format,
    predictions: predictionsNames(format, output?.shards).map((name) => join(folder, name)),
    rejects: join(folder, rejectsName(format)),
  }
}

/** Names the predictions that are there, in record order. */
export async function predictionsIn(folder: string): Promise<readonly string[]> {
  const whole = FORMATS.map((format) => `predictions.${format}`)
  const there = await namesIn(folder)
  const shards = there.includes(SHARDS) ? await namesIn(join(folder, SHARDS)) : []
  return [...whole.filter((name) => there.includes(name)), ...[...shards].sort().map((name) => `${SHARDS}/${name}`)]
}

/** Names the rejects, if they are there. */
export async function rejectsIn(folder: string): Promise<string | undefined> {
  const there = await namesIn(folder)
  return FORMATS.map(rejectsName).find((name) => there.includes(name))
}

/** Lists the names by which readers find a date's predictions, and what each leads to below the published attempt. */
export function publishedNames(home: string, pipeline: string, date: string): readonly (readonly [name: string, target: string])[] {
  const stem = layout.publishedPredictions(home, pipeline, date)
  return [...FORMATS.map((format) => [`${stem}.${format}`, `predictions.${format}`] as const), [stem, SHARDS]]
}
