import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { formatOf, linePlace, namedColumns } from '../../../engine/table/format.js'

test('a table has commas unless the definition says otherwise', () => {
  expect(formatOf({ format: 'csv', columns: {} })).toEqual({ kind: 'csv', delimiter: ',' })
  expect(formatOf({ format: 'csv', delimiter: ';', header: false, columns: {} })).toEqual({ kind: 'csv', delimiter: ';', header: false })
})

test('each column of lines of JSON is a field, found by its path', () => {
  const columns = {
    id: column.text(),
    age: column.number({ from: 'user.age', nullable: true, nullValues: ['?'] }),
    ok: column.boolean({ true: ['y'], false: ['n'] }),
  }
  expect(formatOf({ format: 'jsonl', columns }).fields).toEqual([
    { name: 'id', path: 'id', kind: 'text', nullable: false, blanks: [] },
    { name: 'age', path: 'user.age', kind: 'number', nullable: true, blanks: ['?'] },
    { name: 'ok', path: 'ok', kind: 'boolean', nullable: false, blanks: [], spellings: ['y', 'n'] },
  ])
})

test('a line of a set is told by its own file and line', () => {
  const set = [
    { name: 'a.csv', line: 1, ownLine: 2 },
    { name: 'b.csv', line: 10, ownLine: 4 },
  ]
  expect([1, 9, 10, 12].map((line) => linePlace(set, line))).toEqual(['a.csv:2', 'a.csv:10', 'b.csv:4', 'b.csv:6'])
  expect(linePlace(undefined, 7)).toBe(7)
})

test('columns that a file has by place or under another name are found by their own', () => {
  const columns = { id: column.text({ from: 'Kunde' }), x: column.number({ from: 3 }), y: column.number() }
  const from = (named: ReturnType<typeof namedColumns>) => Object.entries(named).map(([name, one]) => [name, one.from])
  expect(from(namedColumns(columns))).toEqual([
    ['id', 'id'],
    ['x', 'x'],
    ['y', 'y'],
  ])
  expect(from(namedColumns(columns, 'places'))).toEqual([
    ['id', 'Kunde'],
    ['x', 'x'],
    ['y', undefined],
  ])
})
