import { expect, test } from 'vitest'
import { column, defineColumns } from '../../definition/index.js'

test('a column without options is not nullable, reads its own name and keeps white space', () => {
  expect(column.number()).toEqual({ kind: 'number', nullable: false, nullValues: [], trim: false })
})

test('options are kept, and cannot change the kind', () => {
  const options = { nullable: true, from: 'Age', nullValues: ['?'], trim: true, min: 0, max: 120 }
  expect(column.integer(options)).toEqual({ kind: 'integer', ...options })
  expect(column.text({ kind: 'number' } as object)).toMatchObject({ kind: 'text' })
})

test('text is bounded unless a longer limit is asked for', () => {
  expect(column.text().maxLength).toBe(10_000)
  expect(column.text({ maxLength: 50_000 }).maxLength).toBe(50_000)
})

test('booleans have the usual spellings unless others are declared', () => {
  expect(column.boolean()).toMatchObject({ true: ['true', 'True', 'TRUE', '1'], false: ['false', 'False', 'FALSE', '0'] })
  expect(column.boolean({ true: ['yes'], false: ['no'] })).toMatchObject({ true: ['yes'], false: ['no'] })
})

test('a category keeps its values in their order', () => {
  expect(column.category(['pro', 'free'])).toMatchObject({ kind: 'category', values: ['pro', 'free'] })
})

test('shared columns stay what they are', () => {
  const shared = { id: column.text(), joined: column.date({ max: 'data-date' }) }
  expect(defineColumns(shared)).toBe(shared)
})
