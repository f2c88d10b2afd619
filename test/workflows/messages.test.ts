/** The names of queries and updates stay: a client of another version than the worker still finds them. */
import { expect, test } from 'vitest'
import * as messages from '../../workflows/messages.js'

test('each message has its own name and kind, and keeps it', () => {
  const named = Object.values(messages).map(({ type, name }) => `${type} ${name}`)
  expect(named.sort()).toEqual([
    'query backfillProgress',
    'query progress',
    'update arrived',
    'update begin',
    'update pause',
    'update resume',
    'update stop',
  ])
})
