import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addFinding, addUp, countRules, FINDING_LINES, type Finding, type PartSummary } from '../../../engine/batch/summary.js'

const part = (partition: number, changes: Partial<PartSummary>): PartSummary => ({
  partition,
  predictionBytes: 0,
  rejectBytes: 0,
  records: 0,
  predicted: 0,
  rejected: 0,
  invalid: 0,
  nullCounts: {},
  findings: [],
  ruleRows: {},
  batches: [],
  profile: [],
  classCounts: [],
  highConfidence: 0,
  lowConfidence: 0,
  minScore: Number.POSITIVE_INFINITY,
  maxScore: Number.NEGATIVE_INFINITY,
  scoreBins: [],
  ...changes,
})

/** A micro-batch: its sums, and the lines of its rejects, which all break one rule. */
const batches = fc.array(fc.record({ sum: fc.double({ min: -1e6, max: 1e6, noNaN: true }), rejects: fc.nat(9), blanks: fc.nat(3) }), {
  minLength: 1,
  maxLength: 12,
})

test('a file has the same totals, to the last bit, wherever its partitions end', () => {
  fc.assert(
    fc.property(batches, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (all, cuts) => {
      let line = 1
      const lines = all.map(({ rejects }) => Array.from({ length: rejects }, () => ++line))
      const partOf = (from: number, to: number) => {
        const some = all.slice(from, to)
        const findings = new Map<string, Finding>()
        for (const each of lines.slice(from, to)) for (const one of each) addFinding(findings, 'x', 'null', [one], 1, `line ${one}`)
        const rejected = some.reduce((sum, { rejects }) => sum + rejects, 0)
        return part(from, {
          records: 10 * some.length,
          predicted: 10 * some.length - rejected,
          rejected,
          findings: [...findings.values()],
          nullCounts: { x: some.reduce((sum, { blanks }) => sum + blanks, 0) },
          ruleRows: { null: rejected },
          batches: some.map(({ sum }) => ({ predictions: '', rejects: '', scoreSum: sum, confidenceSum: -sum })),
          classCounts: [some.length, rejected],
          minScore: Math.min(...some.map(({ sum }) => sum)),
          maxScore: Math.max(...some.map(({ sum }) => sum)),
        })
      }
      const parts: PartSummary[] = []
      let from = 0
      for (let at = 1; at <= all.length; at += 1) {
        if (at < all.length && !cuts[at]) continue
        parts.push(partOf(from, at))
        from = at
      }
      expect(addUp(parts)).toEqual(addUp([partOf(0, all.length)]))
    }),
  )
})

test('a finding keeps its first lines, its first example, and counts all', () => {
  const findings = new Map<string, Finding>()
  for (let line = 2; line < 50; line += 1) addFinding(findings, 'age', 'number.max', [line], 1, `value ${line}`)
  addFinding(findings, 'age', 'null', [60], 1, '')
  expect([...findings.values()]).toEqual([
    {
      column: 'age',
      rule: 'number.max',
      count: 48,
      lines: Array.from({ length: FINDING_LINES }, (_, index) => index + 2),
      example: 'value 2',
    },
    { column: 'age', rule: 'null', count: 1, lines: [60], example: '' },
  ])
})

test('a record that breaks a rule in two columns counts for it once', () => {
  const rows = {}
  countRules(rows, [{ rule: 'null' }, { rule: 'null' }, { rule: 'number.max' }])
  countRules(rows, [{ rule: 'null' }])
  expect(rows).toEqual({ null: 2, 'number.max': 1 })
})

test('of no part at all there is nothing, and no score is least or most', () => {
  expect(addUp([])).toMatchObject({
    records: 0,
    findings: [],
    minScore: Number.POSITIVE_INFINITY,
    maxScore: Number.NEGATIVE_INFINITY,
    scoreSum: 0,
  })
})
