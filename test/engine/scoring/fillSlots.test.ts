/**
 * The compiled filler is held against the plain way, feature by feature: the same values must be in the same slots, and the same records
 * must get a second look.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnyColumns, column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import type { MicroBatch } from '../../../engine/model/microBatch.js'
import type { Cell } from '../../../engine/model/onnx/elements.js'
import type { ComputedFeature } from '../../../engine/scoring/features.js'
import { compileFiller } from '../../../engine/scoring/fillSlots.js'
import { columnBytes, fastColumns } from '../../../engine/table/fast/fastColumns.js'
import { FastFields } from '../../../engine/table/fast/fastFields.js'

const date = day('2026-03-03')
const columns: AnyColumns = {
  'a "name"': column.text(),
  x: column.number({ nullable: true }),
  n: column.integer(),
  d: column.date({ nullable: true }),
  b: column.boolean({ true: ['ja'], false: ['nein'], nullable: true }),
  constructor: column.category(['p', 'q'], { nullable: true }),
}
const cells = fc.tuple(
  fc.constantFrom('k', 'ü', 'k1'),
  fc.constantFrom('1.5', '', '-3', '1e3', '40000000000000000000000000000000000000000'),
  fc.constantFrom('0', '7', '-7'),
  fc.constantFrom('2026-03-01', '', '1999-12-31'),
  fc.constantFrom('ja', 'nein', ''),
  fc.constantFrom('p', 'q', ''),
)
const features: readonly ComputedFeature[] = [
  { name: 'x', compute: ({ x }) => (x === null ? null : (x as number) * 2) },
  { name: 'ratio', compute: ({ n }) => 1 / (n as number) },
  { name: 'days', compute: ({ d }, context) => (d === null ? -1 : context.date - (d as number)) },
  { name: 'flag', compute: ({ b }) => b ?? null },
  { name: 'text', compute: (row) => row['a "name"']! },
  { name: 'kind', compute: (row) => ((row.constructor as unknown) === 'p' ? 1 : 0) },
  {
    name: 'throws',
    compute: ({ n, b }) => {
      if (n === -7 && b === true) throw new Error('no')
      return n!
    },
  },
]

/** Slots of a float32 tensor for the even features, and of anything for the odd ones. */
function slots(size: number) {
  const tensor = new Float32Array(size * features.length)
  const others = new Map<string, Cell | null>()
  const batch = {
    size,
    direct: (feature: number) => (feature % 2 === 0 ? { values: tensor, width: features.length, offset: feature } : undefined),
    set(slot: number, feature: number, value: Cell | null): string | undefined {
      if (feature % 2 === 1) others.set(`${slot} ${feature}`, value)
      else if (typeof value === 'string') return 'a text'
      else tensor[slot * features.length + feature] = value === null ? Number.NaN : Number(value)
      return undefined
    },
  }
  return { batch: batch as unknown as MicroBatch, found: () => ({ tensor: [...tensor], others: Object.fromEntries(others) }) }
}

test('compiled or not, features are the same', () => {
  fc.assert(
    fc.property(fc.array(cells, { minLength: 1, maxLength: 12 }), fc.nat(3), (rows, first) => {
      const capacity = rows.length
      const more = columnBytes(columns, capacity)
      const fields = new FastFields({ width: 6, positions: [0, 1, 2, 3, 4, 5], format: { kind: 'csv', delimiter: ',' }, capacity, more })
      const decoded = fastColumns(columns, fields, date)
      const length = fields.bytes.write(rows.map((row) => `${row.join(',')}\n`).join(''), fields.from)
      fields.split(capacity, fields.from, fields.from + length, true, 1)
      for (const one of decoded) one.decode()
      const known = Uint8Array.from(fields.careful.subarray(0, capacity))
      // The texts of the fifth feature go into a tensor of numbers: only without it does a record get through.
      for (const used of [features, features.filter(({ name }) => name !== 'text')]) {
        const [fast, slow] = [slots(first + capacity), slots(first + capacity)]
        const opened = (batch: MicroBatch) => ({ features: used, batch })
        const filler = compileFiller(opened(fast.batch), decoded, date)
        const looked: number[] = []
        for (
          let record = filler.fill(0, capacity, first, known);
          record < capacity;
          record = filler.fill(record + 1, capacity, first, known)
        ) {
          looked.push(record)
          filler.fillOne(record, first + record)
        }
        const plain = compileFiller(opened(slow.batch), decoded, date)
        const wrong = rows.flatMap((_, record) => (known[record] === 0 && plain.fillOne(record, first + record).length > 0 ? [record] : []))
        expect(fast.found()).toEqual(slow.found())
        for (const record of wrong) expect(looked).toContain(record)
      }
    }),
    { numRuns: 500 },
  )
})
