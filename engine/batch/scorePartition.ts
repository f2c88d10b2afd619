/** Scores one partition of a file: reads it, decodes it, runs the model and writes the part. It runs in a scoring thread. */
import { hasScore } from '../../definition/tasks.js'
import { inHome } from '../files/fileSystem.js'
import { DaybreakError } from '../protocol/errors.js'
import { compileFiller } from '../scoring/fillSlots.js'
import type { OpenScoring } from '../scoring/openScoring.js'
import { scoreBlocks, strictDecoder } from '../scoring/scoreRows.js'
import { WINDOW_BYTES } from '../table/fast/fastFields.js'
import { FastLines, lineBytes } from '../table/fast/fastLines.js'
import { BlockReader } from '../table/readBlocks.js'
import { FastKeys, KeyBuckets, keysOf } from './keyFile.js'
import { outputLines } from './outputLines.js'
import type { PartitionJob } from './parts.js'
import { type PartTable, PartWriter } from './partWriter.js'
import { ProfileCounts } from './profile.js'
import type { PartSummary } from './summary.js'

/** Progress is told at most this often, because each time wakes the thread that heartbeats. */
const PROGRESS_MS = 100

/**
 * Scores a partition and returns the summary of its part.
 * @param control `onProgress` is told the records since the last call; `stopped` is asked between two micro-batches
 * @throws Interrupted when `stopped` says so; InputChanged, InputUnreadable, ScoringFailed, HomeUnusable
 */
export async function scorePartition(
  opened: OpenScoring,
  job: PartitionJob,
  control: { onProgress: (records: number) => void; stopped: () => boolean },
): Promise<PartSummary> {
  const { input } = job
  let [told, scored] = [Date.now(), 0]
  const strict = strictDecoder(opened.definition.input.columns, input.positions, job.date)
  return await inHome(job.folder, async () => {
    const table = tableOf(opened, job)
    const part = new PartWriter(opened, job, table)
    try {
      const blocks = table.reader.read(input.file, job.range)
      await scoreBlocks(
        opened.batch,
        table.filler,
        strict,
        blocks,
        (block, problems, scores) => {
          if (control.stopped()) throw new DaybreakError('Interrupted', `partition ${job.partition} was stopped`)
          part.addBlock(block, problems, scores)
          scored += block.count
          if (Date.now() - told < PROGRESS_MS) return
          control.onProgress(scored)
          told = Date.now()
          scored = 0
        },
        labelSample(opened, job),
      )
      control.onProgress(scored)
      return part.finish(strict.nullCounts)
    } finally {
      part.close()
    }
  })
}

/** Micro-batches of a day in which labels are asked for that cost a run of their own. */
const SAMPLED = 8

/**
 * Where the runtime computes the scores, it gives the model's own labels with them, for every record. Trees that Daybreak walks itself do
 * not need the runtime: there some micro-batches are asked for, the first one and others that lie evenly over the day.
 */
function labelSample({ model, batch }: OpenScoring, { range, microBatches = 1 }: PartitionJob): (record: number) => boolean {
  const every = model.ownTrees ? Math.ceil(microBatches / SAMPLED) : 1
  return (record) => Math.floor((range.firstRecord + record) / batch.size) % every === 0
}

/** The table of the run that this thread scored last. */
let current: { readonly opened: OpenScoring; readonly run: string; readonly table: PartTable } | undefined

/** Gives the table of a run. Its partitions share it, because it is the largest part of a thread's memory. */
function tableOf(opened: OpenScoring, { partition: _partition, range: _range, ...shared }: PartitionJob): PartTable {
  const { spec: _spec, ...rest } = shared
  const run = JSON.stringify(rest)
  if (current?.opened === opened && current.run === run) return current.table
  const { input, columns, date } = shared
  const { batch, definition } = opened
  const { columns: contract, key = '' } = definition.input
  const output = outputLines(opened, shared)
  const pieces = output.pieces ?? []
  const reader = new BlockReader({
    ...input,
    columns: contract,
    date,
    key,
    capacity: batch.size,
    more: lineBytes(batch.size, pieces) + FastKeys.bytes(WINDOW_BYTES, batch.size) + 64 * columns.length,
  })
  const table = {
    reader,
    output,
    lines: new FastLines(reader.fields, pieces),
    keys: keysOf(reader.fields, contract, key, input.positions, date),
    keyBuckets: new KeyBuckets(),
    filler: compileFiller(opened, reader.columns, date),
    profile: new ProfileCounts(
      batch,
      opened.features.map(({ name }) => name),
      hasScore(definition.model.task) ? batch.scores.score : undefined,
    ),
  }
  current = { opened, run, table }
  return table
}
