import { expect, test } from 'vitest'
import { FastFields } from '../../../../engine/table/fast/fastFields.js'
import type { TableFormat } from '../../../../engine/table/format.js'

const csv: TableFormat = { kind: 'csv', delimiter: ',' }

function found(text: string, { limit = 10, last = true, format = csv }: { limit?: number; last?: boolean; format?: TableFormat } = {}) {
  const fields = new FastFields({ width: 3, positions: [2, 0], format, capacity: 10, windowBytes: 1 << 12 })
  const length = fields.bytes.write(text, fields.from)
  const { next, line } = fields.split(limit, fields.from, fields.from + length, last, 2)
  const records = Array.from({ length: fields.count }, (_, record) => {
    if (fields.careful[record] === 1) return [fields.lines[record], 'careful']
    const cells = [0, 1].map((field) => {
      const at = 2 * (record * fields.wanted + field)
      return fields.bytes.toString('utf8', fields.bounds[at], fields.bounds[at + 1])
    })
    return [fields.lines[record], ...cells]
  })
  return { records, rest: text.slice(next - fields.from), line, ended: next >= 0 }
}

test('the wanted fields of plain records are found, in the order they are wanted; any other record is marked', () => {
  expect(found('a,b,ü\r\n\n,,\n"q",b,c\nshort,b\nlast,b,c')).toEqual({
    records: [
      [2, 'ü', 'a'],
      [4, '', ''],
      [5, 'careful'],
      [6, 'careful'],
      [7, 'c', 'last'],
    ],
    rest: '',
    line: 8,
    ended: true,
  })
})

test('it stops where it was told to, and goes on from there', () => {
  const { records, rest, line } = found('a,b,c\nd,e,f\ng,h,i\n', { limit: 2 })
  expect(records).toEqual([
    [2, 'c', 'a'],
    [3, 'f', 'd'],
  ])
  expect([rest, line]).toEqual(['g,h,i\n', 4])
})

test('a record that may go on behind the bytes is left for later', () => {
  expect(found('a,b,c\nd,e', { last: false })).toMatchObject({ records: [[2, 'c', 'a']], rest: 'd,e', line: 3 })
  expect(found('a,b,c\n"d\n', { last: false })).toMatchObject({ records: [[2, 'c', 'a']], rest: '"d\n' })
})
