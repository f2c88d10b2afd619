import { describe, expect, it } from 'vitest'
import { headline } from '../../templates/headline.js'
import { failedDay, goodDay, warnDay } from './exampleDays.js'

describe('a headline', () => {
  it('of a good day has its figures', () => {
    const { manifest, metrics } = goodDay()
    expect(headline(manifest, metrics)).toBe('7,043 rows scored, churn rate 26.5 %; nothing unusual.')
  })

  it('of a day with warnings names the rule first, and counts what it leaves out', () => {
    const { manifest, metrics } = warnDay()
    const warnings = ['Column income has 38 blank cells.', 'Four keys occur twice.', 'The model is old.']
    expect(headline({ ...manifest, warnings }, metrics)).toBe(
      'Churn rate 62.0 % is above 50 %; column income has 38 blank cells; and 2 more findings.',
    )
  })

  it('of a failed day says what happened and where, once', () => {
    const { manifest } = failedDay()
    expect(headline(manifest, undefined)).toBe(
      'The input breaks its contract: Column last_purchase_date is not in the header of customers_2026-11-22.csv.',
    )
  })
})
