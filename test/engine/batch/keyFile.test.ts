import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstLinePlaces } from '../../../engine/batch/duplicateKeys.js'
import { addDoubled, BUCKETS, FastKeys, findDoubledKeys, KeyBuckets } from '../../../engine/batch/keyFile.js'
import { FastFields } from '../../../engine/table/fast/fastFields.js'
import type { Block } from '../../../engine/table/readBlocks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

const ALL = Array.from({ length: BUCKETS }, (_, bucket) => bucket)

async function doubled(parts: readonly (readonly (readonly [string, number])[])[]) {
  const files: string[] = []
  for (const [index, keys] of parts.entries()) {
    const buckets = new KeyBuckets()
    for (const [key, line] of keys) buckets.add(Buffer.from(key), line)
    const file = folder.path(`${index}.keys`)
    await writeFile(file, Buffer.concat([...buckets.content()]))
    files.push(file)
  }
  const halves = [ALL.slice(0, 20), ALL.slice(20)].map((some) => findDoubledKeys(files, some))
  const { lines, ...counts } = addDoubled(halves)
  return { ...counts, lines: firstLinePlaces(lines) }
}

/** The same of all keys in memory, in a map. */
function counted(placed: readonly (readonly [string, number])[]) {
  const seen = new Map<string, number>()
  const lines: number[] = []
  for (const [key, line] of placed) {
    if (seen.has(key)) lines.push(line)
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  return { keys: [...seen.values()].filter((times) => times > 1).length, records: lines.length, lines: lines.slice(0, 20) }
}

test('doubled keys are those of a map of all of them, over any parts', async () => {
  const key = fc.oneof(
    fc.constantFrom('a', 'b', 'ab', 'ba', 'é', '😀', '0', '00'),
    fc.string({ minLength: 1, maxLength: 4 }).filter((text) => text.trim() !== ''),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(key, { maxLength: 40 }), { maxLength: 5 }), async (parts) => {
      let line = 1
      const placed = parts.map((keys) =>
        keys.map((one) => {
          line += 1
          return [one, line] as const
        }),
      )
      expect(await doubled(placed)).toEqual(counted(placed.flat()))
      const together = new KeyBuckets()
      for (const [one, where] of placed.flat()) together.add(Buffer.from(one), where)
      const { lines, ...counts } = together.doubled()
      expect({ ...counts, lines: firstLinePlaces(lines) }).toEqual(counted(placed.flat()))
    }),
    { numRuns: 300 },
  )
})

test('of very many the first places are told, and large keys are kept whole', async () => {
  const large = 'x'.repeat(70_000)
  const keys = Array.from({ length: 60_000 }, (_, index) => [`k${index % 20_000}`, index + 2] as const)
  const found = await doubled([
    [[large, 1]],
    keys,
    [
      [large, 70_000],
      [`${large}y`, 70_001],
    ],
  ])
  expect(found).toMatchObject({ keys: 20_001, records: 40_001 })
  expect(found.lines).toEqual(Array.from({ length: 20 }, (_, index) => 20_002 + index))
})

test('keys of plain records are those of a buffer each, whatever their length', async () => {
  const keys = Array.from(
    { length: 500 },
    (_, index) => ['', 'é', 'k', 'ab', 'abc', 'abcd', 'abcde'][index % 7]! + (index % 3 === 0 ? '' : index),
  )
  const capacity = keys.length
  const options = {
    width: 2,
    positions: [0],
    format: { kind: 'csv' as const, delimiter: ',' as const },
    capacity,
    more: FastKeys.bytes(1 << 16, capacity),
    windowBytes: 1 << 16,
  }
  const fields = new FastFields(options)
  const plain = new FastKeys(fields, 0, 0)
  const length = fields.bytes.write(keys.map((key) => `${key},1\n`).join(''), fields.from)
  fields.split(capacity, fields.from, fields.from + length, true, 2)
  const [byKernel, byHand] = [new KeyBuckets(), new KeyBuckets()]
  plain.addTo(byKernel, { rows: new Map() } as unknown as Block)
  for (const [index, key] of keys.entries()) if (key !== '') byHand.add(Buffer.from(key), index + 2)
  expect(Buffer.concat([...byKernel.content()])).toEqual(Buffer.concat([...byHand.content()]))
})
