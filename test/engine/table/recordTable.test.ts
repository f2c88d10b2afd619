import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { compileDecoder } from '../../../engine/table/decode.js'
import { namedColumns } from '../../../engine/table/format.js'
import { readJsonLine } from '../../../engine/table/jsonLines.js'
import { recordTable } from '../../../engine/table/recordTable.js'

const contract = {
  id: column.text({ from: 1 }),
  age: column.number({ from: 'Age (years)' }),
  income: column.number({ decimal: ',', thousands: '.' }),
  active: column.boolean({ true: ['ja'], false: ['nein'] }),
}

/** A record as a row, by the table's own decoders. */
function rowOf(record: object) {
  const { format, columns, positions } = recordTable(contract)
  const found = readJsonLine(JSON.stringify(record), format.fields)
  if ('reason' in found) throw new Error(found.reason)
  const decoder = compileDecoder(columns, positions, 0, {})
  const row = decoder.newRow()
  return { problems: decoder.decode(found.cells, row, found.problems), row }
}

test('a record has its values under the names of the definition, wherever the file of a day has them', () => {
  expect(rowOf({ id: 'a', age: 30, income: 1234.5, active: true })).toEqual({
    problems: [],
    row: { id: 'a', age: 30, income: 1234.5, active: true },
  })
})

test('a value that is missing is told by the name of its column', () => {
  const { problems } = rowOf({ id: 'a', 'Age (years)': 30, income: 1, active: false })
  expect(problems).toEqual([{ column: 'age', rule: 'missing', reason: 'age is missing', value: '' }])
})

test('columns that a file has by their place get a name of their own; others keep theirs, unless all are asked for', () => {
  expect(namedColumns(contract, 'places').id!.from).toBe('id')
  expect(namedColumns(contract, 'places').age!.from).toBe('Age (years)')
  expect(Object.entries(namedColumns(contract)).map(([name, { from }]) => [name, from])).toEqual(
    Object.keys(contract).map((name) => [name, name]),
  )
})
