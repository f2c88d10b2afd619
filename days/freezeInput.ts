/**
 * Makes an input ready before any record is scored. First comes all that needs no model: one text file whose header keeps the contract.
 * Then one pass over it takes its sha256, its records and its partitions. From there on the input is frozen, and each later step checks its
 * own range.
 */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type PartitionRange, planPartitions } from '../engine/batch/planPartitions.js'
import { sha256 } from '../engine/files/fileSystem.js'
import { checkHeaderPlace, matchColumns } from '../engine/input/headerPlace.js'
import { inputFiles, isPattern } from '../engine/input/inputFiles.js'
import { type PreparedInput, prepareInput } from '../engine/input/prepareInput.js'
import type { LoadedPipeline } from '../engine/loader/loadPipeline.js'
import type { InputFile, InputFingerprint } from '../engine/protocol/documents/input.js'
import { DaybreakError } from '../engine/protocol/errors.js'
import { formatOf, type TableFormat } from '../engine/table/format.js'

/** An input whose header keeps the contract. */
export interface MatchedInput extends Omit<PreparedInput, 'files'> {
  /** What was asked for: a file, or a pattern that stands for a set of files. */
  readonly path: string
  readonly format: TableFormat
  /** Index of each column of the contract. */
  readonly positions: Readonly<Record<string, number>>
  /** Names of columns in the file that the contract does not use. */
  readonly unused: readonly string[]
}

/** Everything about the input that later steps rely on. */
export interface FrozenInput extends Pick<MatchedInput, 'file' | 'header' | 'positions' | 'unused' | 'format' | 'set'> {
  readonly input: InputFingerprint
  readonly partitions: readonly PartitionRange[]
}

/**
 * Looks at the bytes, makes one text file of whatever was delivered, and holds its header against the contract.
 * @param folder for files that have to be made of it
 * @throws InputMissing, InputRefused, InputUnreadable, ContractBroken, HomeUnusable
 */
export async function matchInput({ definition: { input } }: LoadedPipeline, path: string, folder: string): Promise<MatchedInput> {
  const format = formatOf(input)
  const paths = await inputFiles(path)
  if (paths.length === 0) throw new DaybreakError('InputMissing', `${path}: no file matches it any more`, { place: { file: path } })
  const { files, ...prepared } = await prepareInput(paths, { format, encoding: input.encoding ?? 'utf-8', folder })
  const { positions, unused } = await matchColumns(files[0]!, input.columns, format, path)
  for (const one of files) await checkHeaderPlace(one, input.columns, positions, format)
  return { ...prepared, path, format, positions, unused }
}

/** Cuts it into partitions of whole micro-batches, and takes its fingerprint. @throws InputUnreadable, InputChanged, Interrupted */
export async function freezeInput(matched: MatchedInput, microBatch: number, signal?: AbortSignal): Promise<FrozenInput> {
  const { path, format, file, header, positions, unused, delivered, set, readAs } = matched
  const { mtime } = await stat(file)
  const plan = await planPartitions(file, header, { microBatch, format, ...(signal ? { signal } : {}) })
  const { records, partitions } = plan
  const asItStands = { path: file, bytes: plan.bytes, sha256: plan.sha256, modifiedAt: mtime.toISOString() }
  const files = delivered.length > 0 ? delivered : [asItStands]
  const whole = isPattern(path) ? { path, ...asOne(files) } : files[0]!
  const input: InputFingerprint = { ...whole, records, ...(readAs ? { readAs } : {}) }
  return { input, file, header, positions, unused, partitions, format, ...(set ? { set } : {}) }
}

/** Describes the files of a set as one. */
function asOne(files: readonly InputFile[]) {
  return {
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    sha256: sha256(files.map((one) => `${one.sha256}  ${basename(one.path)}\n`).join('')),
    modifiedAt: files
      .map(({ modifiedAt }) => modifiedAt)
      .sort()
      .at(-1)!,
    files,
  }
}
