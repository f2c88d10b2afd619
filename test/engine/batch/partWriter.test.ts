import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { binary } from '../../../definition/tasks.js'
import { FastKeys, KeyBuckets } from '../../../engine/batch/keyFile.js'
import { outputLines } from '../../../engine/batch/outputLines.js'
import type { PartitionJob } from '../../../engine/batch/parts.js'
import { PartWriter } from '../../../engine/batch/partWriter.js'
import { ProfileCounts } from '../../../engine/batch/profile.js'
import type { MicroBatch } from '../../../engine/model/microBatch.js'
import type { SlotFiller } from '../../../engine/scoring/fillSlots.js'
import type { OpenScoring } from '../../../engine/scoring/openScoring.js'
import { FastLines, lineBytes } from '../../../engine/table/fast/fastLines.js'
import { BlockReader } from '../../../engine/table/readBlocks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

test('a part after one that could not be written has its own lines, keys and counts alone', async () => {
  const content = 'k1,1\nk2,2\nk3,3\n'
  const file = folder.path('in.csv')
  await writeFile(file, content)
  await mkdir(folder.path('parts'))
  const columns = { id: column.text(), x: column.number() }
  const header = { names: ['id', 'x'], dataOffset: 0, dataLine: 1 }
  const format = { kind: 'csv', delimiter: ',' } as const
  const input = { file, format, header, positions: { id: 0, x: 1 } }
  const size = 4
  const opened = {
    definition: { input: { columns, key: 'id' }, model: { task: binary({ positive: 1 }) } },
    model: { plan: { scores: { type: 'float32' } }, classes: [0, 1] },
    batch: { size },
    date: 0,
  } as unknown as OpenScoring
  const job = {
    spec: { modelVersion: '1' },
    partition: 0,
    input,
    outputFormat: 'csv',
    columns: ['id', 'prediction', 'probability'],
    timestamp: '',
    confidenceLimits: { high: 0.8, low: 0.6 },
    folder: folder.path('parts'),
  } as unknown as PartitionJob
  const output = outputLines(opened, job)
  const more = lineBytes(size, output.pieces!) + FastKeys.bytes(1 << 12, size)
  const reader = new BlockReader({ ...input, columns, date: 0, capacity: size, more, windowBytes: 1 << 12 })
  const score = Float32Array.of(0.75, 0.25, 0.5, 0)
  const table = {
    reader,
    output,
    lines: new FastLines(reader.fields, output.pieces!),
    keys: new FastKeys(reader.fields, 0, 0),
    keyBuckets: new KeyBuckets(),
    profile: new ProfileCounts({} as MicroBatch, [], score),
    filler: {} as SlotFiller,
  }
  const scores = { score, confidence: Float32Array.of(0.75, 0.75, 0.5, 0), label: Int32Array.of(1, 0, 1, 0) }
  const range = { offset: 0, bytes: content.length, firstRecord: 0, firstLine: 1 }

  const broken = new PartWriter(opened, job, table)
  // Its files are gone: what it writes fails.
  broken.close()
  for await (const block of reader.read(file, range)) expect(() => broken.addBlock(block, new Map(), scores)).toThrow()

  const part = new PartWriter(opened, job, table)
  for await (const block of reader.read(file, range)) part.addBlock(block, new Map(), scores)
  const summary = part.finish({})
  const predictions = await readFile(folder.path('parts/part-00000.predictions'), 'utf8')
  expect(predictions).toBe('k1,1,0.75\nk2,0,0.75\nk3,1,0.5\n')
  expect(summary).toMatchObject({ records: 3, predicted: 3, predictionBytes: predictions.length })
  expect(summary.profile).toMatchObject([{ name: 'score', count: 3 }])
  expect(table.keyBuckets.doubled()).toMatchObject({ keys: 0, records: 0 })
})
