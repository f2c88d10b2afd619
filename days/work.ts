/**
 * The working files that the steps of a run leave for each other inside its attempt. They are gone once the attempt is sealed: what
 * must last is in the manifest.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Label } from '../definition/tasks.js'
import type { Duplicates } from '../engine/batch/duplicateKeys.js'
import type { PartitionRange } from '../engine/batch/planPartitions.js'
import type { TableSummary } from '../engine/batch/summary.js'
import { jsonText, readJson, readJsonIfThere, writeWhole } from '../engine/files/fileSystem.js'
import type { AttemptRef } from '../engine/protocol/documents/attempt.js'
import type { InputFingerprint } from '../engine/protocol/documents/input.js'
import type { CheckResult, Manifest, ModelFingerprint, RuleResult } from '../engine/protocol/documents/manifest.js'
import type { Metrics } from '../engine/protocol/documents/metrics.js'
import type { LabelComparison } from '../engine/scoring/ownLabels.js'
import { layout } from '../engine/storage/layout.js'
import type { Header, SetFile } from '../engine/table/format.js'

/** Each file by its name, without `.json`. */
export interface WorkFiles {
  readonly opened: OpenedWork
  readonly plan: PlanWork
  readonly assembled: AssembledWork
  readonly checks: readonly CheckResult[]
  /** Size and sha256 of the predictions, taken while they were checked. */
  readonly hashes: Manifest['files']
  readonly rules: readonly RuleResult[]
  readonly excerpt: ExcerptWork
}

export interface OpenedWork {
  /** Fingerprint of the definition the run opened with. */
  readonly definition: string
  /** The version of the model; for `latest` the one that was found then. */
  readonly modelVersion?: string
}

export interface PlanWork {
  readonly input: InputFingerprint
  readonly model: ModelFingerprint
  readonly contract: string
  readonly header: Header
  readonly positions: Readonly<Record<string, number>>
  /** The text file that records are read from: the input itself, or what was made of it in the working folder. */
  readonly file: string
  /** For a set of files: where each lies in the whole. */
  readonly set?: readonly SetFile[]
  readonly unused: readonly string[]
  readonly microBatch: number
  /** Labels of the model, as predictions are written. */
  readonly classes: readonly Label[]
  /** How far beyond 0 and 1 a probability of the model can be because float32 rounds; missing in plans of earlier versions. */
  readonly shareRounding?: number
  /** The output with the labels that the model gives itself, when it has one. */
  readonly ownLabels?: string
  readonly partitions: readonly PartitionRange[]
  /** Partitions of a stretch, which one call of a step scores. */
  readonly stretch: number
  /** Fingerprint of the product that inspected the input. */
  readonly code: string
  /** Folder of the parts, below the working folder. All fingerprints name it, so that parts of other code are never taken. */
  readonly parts: string
}

export interface AssembledWork {
  readonly table: Omit<TableSummary, 'batches' | 'findings' | 'profile' | 'ownLabels'>
  readonly duplicates: Duplicates
  /** Bytes of predictions of each part. */
  readonly partBytes: readonly number[]
  readonly metrics: Metrics
  readonly warnings: readonly string[]
  /** How the model's own labels compare with its scores, where some differ. */
  readonly ownLabels?: LabelComparison
  readonly resultsDigest: string
}

/** Lines of the input that a problem shows. They stay on disk, because Temporal's history must not have them. */
export interface ExcerptWork {
  readonly message: string
  readonly excerpt: readonly string[]
}

type WorkName = keyof WorkFiles

const pathOf = (home: string, ref: AttemptRef, name: WorkName) => join(layout.work(home, ref), `${name}.json`)

/** Reads what an earlier step left. @throws StorageDamaged when it is not there */
export async function readWork<Name extends WorkName>(home: string, ref: AttemptRef, name: Name): Promise<WorkFiles[Name]> {
  return await readJson<WorkFiles[Name]>(pathOf(home, ref, name))
}

/** Reads what a step left, if the run came that far. */
export async function readWorkIfThere<Name extends WorkName>(
  home: string,
  ref: AttemptRef,
  name: Name,
): Promise<WorkFiles[Name] | undefined> {
  return await readJsonIfThere<WorkFiles[Name]>(pathOf(home, ref, name))
}

export async function writeWork<Name extends WorkName>(home: string, ref: AttemptRef, name: Name, value: WorkFiles[Name]): Promise<void> {
  await writeWhole(pathOf(home, ref, name), jsonText(value))
}

export async function dropWork(home: string, ref: AttemptRef, name: WorkName): Promise<void> {
  await rm(pathOf(home, ref, name), { force: true })
}

/** What became of the records: read = predicted + rejected, and rejected = invalid + errors. */
export function accountsOf({ records, predicted, rejected, invalid }: AssembledWork['table']) {
  return { read: records, predicted, rejected, invalid, errors: rejected - invalid }
}
