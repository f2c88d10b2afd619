import { describe, expect, it } from 'vitest'
import {
  bytes,
  count,
  counted,
  dayTitle,
  limit,
  number,
  observed,
  probability,
  share,
  utcMinute,
  utcSecond,
} from '../../templates/numbers.js'

describe('numbers', () => {
  it('have thousands by comma', () => {
    expect([0, 999, 1000, 7043, 1234567].map(count)).toEqual(['0', '999', '1,000', '7,043', '1,234,567'])
    expect(counted(1, 'row')).toBe('1 row')
    expect(counted(1200, 'row')).toBe('1,200 rows')
  })

  it('never round a share to none or to all', () => {
    expect([0, 0.00001, 0.0049, 0.62, 0.9999, 1].map(share)).toEqual(['0 %', '<0.1 %', '0.5 %', '62.0 %', '>99.9 %', '100 %'])
  })

  it('keep four digits, however large or small', () => {
    expect([0, 0.31416, -103.25, 5214.29, 1e18, 1.5e-7, 250000].map(number)).toEqual([
      '0',
      '0.3142',
      '-103.3',
      '5,214.3',
      '1.000e+18',
      '1.500e-7',
      '250,000',
    ])
    expect(probability(0.79123)).toBe('0.791')
  })

  it('are a dash when there is none', () => {
    for (const show of [count, share, number, probability])
      expect([null, undefined, Number.NaN, Infinity].map(show)).toEqual(['–', '–', '–', '–'])
  })

  it('read differently from the limit that they passed', () => {
    expect(limit(0.5, 'share')).toBe('50 %')
    expect(limit(0.015, 'share')).toBe('1.5 %')
    expect(observed(0.62, 'share', 0.5)).toBe('62.0 %')
    expect(observed(0.50004, 'share', 0.5)).toBe('50.004 %')
    expect(observed(0.599999, 'number', 0.6)).toBe('0.599999')
    expect(observed(0.5, 'share', 0.5)).toBe('50.0 %')
  })

  it('have sizes in powers of a thousand', () => {
    expect([1, 812, 1000, 412_331, 999_960, 2_500_000_000].map(bytes)).toEqual([
      '1 byte',
      '812 bytes',
      '1.0 kB',
      '412.3 kB',
      '1.0 MB',
      '2.5 GB',
    ])
  })

  it('show moments in UTC and dates in words', () => {
    expect(utcMinute('2026-11-23T06:02:11.120Z')).toBe('2026-11-23 06:02 UTC')
    expect(utcSecond('2026-11-23T06:02:11Z')).toBe('2026-11-23 06:02:11 UTC')
    expect(utcMinute('yesterday')).toBe('–')
    expect(dayTitle('2026-11-22')).toEqual({ weekday: 'Sunday', day: '22 November 2026' })
    expect(dayTitle('2026-02-30')).toBeUndefined()
  })
})
