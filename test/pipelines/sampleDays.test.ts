import { expect, test } from 'vitest'
import { cellsOf, importSampleDays } from './shippedChurn.js'

const { sampleDay } = await importSampleDays()
const DATE = '2026-11-22'

test('the same arguments give the same text', () => {
  for (const kind of ['good', 'some-bad-rows', 'column-gone', 'anomalous']) {
    expect(sampleDay({ date: DATE, rows: 500, kind, seed: 3 })).toBe(sampleDay({ date: DATE, rows: 500, kind, seed: 3 }))
  }
})

test('another date, seed or kind gives another text', () => {
  const day = sampleDay({ date: DATE, rows: 500 })
  expect(sampleDay({ date: '2026-11-23', rows: 500 })).not.toBe(day)
  expect(sampleDay({ date: DATE, rows: 500, seed: 1 })).not.toBe(day)
  expect(sampleDay({ date: DATE, rows: 500, kind: 'anomalous' })).not.toBe(day)
})

test('a good day has 5000 customers with keys of their own, whole rows and no purchase after the data date', () => {
  const csv = sampleDay({ date: DATE })
  expect(csv.split('\n')[0]).toBe('customer_id,age,income,purchase_history,last_purchase_date')
  const rows = cellsOf(csv)
  expect(rows).toHaveLength(5000)
  expect(new Set(rows.map(([id]) => id)).size).toBe(5000)
  const wrong = rows.filter(
    ([, age, income, purchases, date]) =>
      !(Number(age) >= 18 && Number(age) <= 90 && /^\d+\.\d\d$/.test(income!) && Number(purchases) >= 1 && date! <= DATE),
  )
  expect(wrong).toEqual([])
})

test('a day with some bad rows is the good day with four broken rows in a thousand, in seven ways', () => {
  const good = sampleDay({ date: DATE }).split('\n')
  const broken = sampleDay({ date: DATE, kind: 'some-bad-rows' })
    .split('\n')
    .filter((line, index) => line !== good[index])
  expect(broken).toHaveLength(20)
  expect(broken.slice(0, 7).map((line) => line.replace(/^C\d+,/, ''))).toEqual([
    expect.stringMatching(/^\d+,n\/a,\d+,[\d-]+$/),
    expect.stringMatching(/^,[\d.]+,\d+,[\d-]+$/),
    expect.stringMatching(/^212,/),
    expect.stringMatching(/,2026-11-23$/),
    expect.stringMatching(/,2026-02-30$/),
    expect.stringMatching(/^\d+,[\d.]+$/),
    expect.stringMatching(/,newsletter$/),
  ])
})

test('a day with the column gone is the good day without income', () => {
  const good = cellsOf(sampleDay({ date: DATE, rows: 100 }))
  const gone = sampleDay({ date: DATE, rows: 100, kind: 'column-gone' })
  expect(gone.split('\n')[0]).toBe('customer_id,age,purchase_history,last_purchase_date')
  expect(cellsOf(gone)).toEqual(good.map(([id, age, , purchases, date]) => [id, age, purchases, date]))
})

test.each(['2026-02-30', '2026-1-1', 'today', ''])('%j is not a date', (date) => {
  expect(() => sampleDay({ date })).toThrow(RangeError)
})
