/** One partition of a file: read, decode, score, write its part. */
import { DaybreakError } from '../definition/errors.js'
import { inHome } from '../storage/fileSystem.js'
import { compileDecoder } from '../table/decode.js'
import { readRows } from '../table/readRows.js'
import type { OpenScoring } from './openScoring.js'
import type { PartitionJob } from './parts.js'
import { PartWriter } from './partWriter.js'
import { scoreRows } from './scoreRows.js'
import type { PartSummary } from './summary.js'

/** Scores a partition. @throws Interrupted when `stopped()` says so between two micro-batches, HomeUnusable, InputChanged */
export async function scorePartition(
  opened: OpenScoring,
  job: PartitionJob,
  control: { onProgress: (records: number) => void; stopped: () => boolean },
): Promise<PartSummary> {
  const { input } = job
  const nullCounts: Record<string, number> = {}
  const decoder = compileDecoder(opened.definition.input.columns, input.positions, opened.date, nullCounts)
  return await inHome(job.folder, async () => {
    const part = new PartWriter(opened, job)
    try {
      await scoreRows(opened, decoder, readRows(input.file, job.range, input.header, input.format), (slots, scores) => {
        if (control.stopped()) throw new DaybreakError('Interrupted', `partition ${job.partition} was stopped`)
        part.addBatch(slots, scores)
        control.onProgress(slots.length)
      })
      return part.finish(nullCounts)
    } finally {
      part.close()
    }
  })
}
