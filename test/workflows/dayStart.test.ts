import { expect, test } from 'vitest'
import { dayIds } from '../../engine/protocol/ids.js'
import { dayStart } from '../../workflows/dayStart.js'

const request = { pipeline: 'churn', date: '2026-03-03', kind: 'scheduled', rerun: false } as const

test('a day has one id, whoever starts it, and says what it is', () => {
  const start = dayStart('daybreak', { request, searchAttributes: false })
  expect(dayIds.parse(start.workflowId)).toMatchObject({ pipeline: 'churn', date: '2026-03-03' })
  expect(start).toMatchObject({ args: [{ request }], staticSummary: 'churn 2026-03-03 (scheduled)' })
  expect(start.workflowId).toBe(
    dayStart('daybreak', { request: { ...request, kind: 'manual', rerun: true }, searchAttributes: false }).workflowId,
  )
  expect(start.workflowId).not.toBe(dayStart('another', { request, searchAttributes: false }).workflowId)
})

test('a server that knows the search attributes gets them, another one none', () => {
  expect(dayStart('daybreak', { request, searchAttributes: false })).not.toHaveProperty('typedSearchAttributes')
  const { typedSearchAttributes } = dayStart('daybreak', { request, searchAttributes: true }) as {
    typedSearchAttributes: { getAll(): readonly { value: unknown }[] }
  }
  expect(
    typedSearchAttributes
      .getAll()
      .map(({ value }) => value)
      .sort(),
  ).toEqual(['2026-03-03', 'churn', 'scheduled'])
})
