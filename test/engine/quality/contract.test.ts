import { expect, test } from 'vitest'
import type { AnyPipeline } from '../../../definition/pipeline.js'
import { DaybreakError } from '../../../engine/protocol/errors.js'
import { brokenBudgets, refusedValidation, summarizeContract } from '../../../engine/quality/contract.js'
import { table } from './scoredDay.js'

const NONE = { keys: 0, records: 0, lines: [] }
const finding = (column: string, rule: string, count: number) => ({ column, rule, count, lines: [2, 5], example: 'a value' })
const input = (changes: Partial<AnyPipeline['input']> = {}) => ({ input: { key: 'id', ...changes } as AnyPipeline['input'] })

/** A hundred records of which so many were rejected, all by one rule. */
const rejected = (count: number, rule = 'number.max') =>
  table({ records: 100, predicted: 100 - count, rejected: count, ruleRows: { [rule]: count }, findings: [finding('x', rule, count)] })

test('a budget is kept exactly at its edge, and broken one row beyond it', () => {
  const within = summarizeContract(input({ rejects: { maxRatio: 0.05 } }), rejected(5), NONE, [])
  expect(within).toMatchObject({ valid: true, errors: [], warnings: ['5 of 100 rows were rejected'] })
  const beyond = summarizeContract(input({ rejects: { maxRatio: 0.05 } }), rejected(6), NONE, [])
  expect(beyond).toMatchObject({
    valid: false,
    errors: ['6 of 100 rows were rejected; 5 are allowed (maxRatio 0.05)', 'x: number.max in 6 rows (lines 2, 5, …)'],
    warnings: [],
    reject_budget: { max_ratio: 0.05, max_rows: null, ratio: 0.06 },
  })
})

test('what an error says holds no value of the file', () => {
  expect(JSON.stringify(summarizeContract(input(), rejected(50), NONE, []).errors)).not.toContain('a value')
})

test('a rule with a budget of its own is held to it, whatever the budget of all', () => {
  const rejects = { maxRows: 100, rules: { 'number.max': { maxRows: 2 }, null: { maxRows: 0 } } }
  expect(brokenBudgets(rejects, rejected(2))).toEqual([])
  expect(brokenBudgets(rejects, rejected(3))).toEqual(['3 of 100 rows broke number.max; 2 are allowed (maxRows 2)'])
  expect(summarizeContract(input({ rejects }), rejected(3), NONE, []).reject_budget).toMatchObject({
    rules: { 'number.max': { max_ratio: null, max_rows: 2, rows: 3 }, null: { max_ratio: null, max_rows: 0, rows: 0 } },
  })
})

test('findings come worst first, and of equals in an order of their own, whatever the order they were found in', () => {
  const found = [finding('b', 'null', 1), finding('a', 'null', 1), finding('a', 'date.max', 1), finding('c', 'null', 9)]
  const places = (findings: typeof found) =>
    summarizeContract(input(), table({ findings }), NONE, []).findings.map(({ column, rule }) => `${column} ${rule}`)
  expect(places(found)).toEqual(['c null', 'a date.max', 'a null', 'b null'])
  expect(places(found.toReversed())).toEqual(places(found))
})

test('keys that repeat warn unless the definition says that they fail, or that they do not matter', () => {
  const duplicates = { keys: 1, records: 2, lines: [4, 7] }
  const said = (changes: Partial<AnyPipeline['input']>) => {
    const { valid, errors, warnings } = summarizeContract(input(changes), table({ rejected: 0 }), duplicates, [])
    return { valid, errors, warnings }
  }
  const sentence = 'Found 2 rows whose id stood in an earlier row'
  expect(said({})).toEqual({ valid: true, errors: [], warnings: [sentence] })
  expect(said({ duplicates: 'fail' })).toEqual({ valid: false, errors: [sentence], warnings: [] })
  expect(said({ duplicates: 'ignore' })).toEqual({ valid: true, errors: [], warnings: [] })
})

test('blank cells warn beyond their share, not at it', () => {
  const blanks = (count: number) =>
    summarizeContract(input({ nulls: { warnAbove: 0.2 } }), table({ records: 10, rejected: 0, nullCounts: { x: count } }), NONE, [])
      .warnings
  expect(blanks(2)).toEqual([])
  expect(blanks(3)).toEqual(['High share of blank cells in x: 3 of 10'])
})

test('a file whose rows were never read is invalid for what was refused, with accounts of nothing', () => {
  const { problem } = new DaybreakError('ContractBroken', '2 columns are missing', { details: ['a is missing', 'b is missing'] })
  expect(refusedValidation(input({ rejects: { maxRows: 3 } }), problem)).toMatchObject({
    valid: false,
    errors: ['a is missing', 'b is missing'],
    accounts: { read: 0, predicted: 0, rejected: 0 },
    reject_budget: { max_ratio: null, max_rows: 3, ratio: 0 },
  })
  const { problem: bare } = new DaybreakError('InputRefused', 'it is empty')
  expect(refusedValidation(input(), bare).errors).toEqual(['it is empty'])
})

test('no budget allows a day without any prediction', () => {
  for (const rejects of [{ maxRatio: 1 }, { maxRows: 200_000 }])
    expect(brokenBudgets(rejects, { records: 200_000, rejected: 200_000, ruleRows: {} })).toEqual([
      'all 200000 rows were rejected: a day needs a prediction, whatever its budget',
    ])
  expect(brokenBudgets({ maxRatio: 1 }, { records: 200_000, rejected: 199_999, ruleRows: {} })).toEqual([])
})
