import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RuleResult } from '../../engine/protocol/documents/manifest.js'
import {
  labelText,
  maskedKey,
  nextCommand,
  publishedSentence,
  ruleRange,
  ruleSentence,
  shellWord,
  standing,
} from '../../templates/wording.js'
import { dayWithProblem, goodDay } from './exampleDays.js'

const rule = (changes: Partial<RuleResult>): RuleResult => ({
  rule: 'positive-rate',
  title: 'Churn rate',
  observed: 0.62,
  action: 'warn',
  fired: true,
  unit: 'share',
  ...changes,
})

describe('a word of a command line', () => {
  it('is taken by a shell as it stands, whatever is in it', () => {
    const words = fc.string({
      unit: fc.constantFrom('a', "'", '"', '$', '`', '\\', ' ', ';', '*', '!', '~', '|', 'ü', '-'),
      minLength: 1,
      maxLength: 8,
    })
    const all = fc.sample(words, { numRuns: 200, seed: 7 })
    const said = execFileSync('sh', ['-c', `printf '%s\\n' ${all.map(shellWord).join(' ')}`], { encoding: 'utf8' })
    expect(said.split('\n').slice(0, -1)).toEqual(all)
  })

  it('is not quoted when it needs no quotes', () => {
    expect(['churn', '2026-03-03', '/data/in.csv'].map(shellWord)).toEqual(['churn', '2026-03-03', '/data/in.csv'])
  })
})

describe('a rule', () => {
  it('says what it saw against the limit that was passed', () => {
    expect(ruleSentence(rule({ above: 0.5, below: 0.01 }))).toBe('churn rate 62.0 % is above 50 %')
    expect(ruleSentence(rule({ observed: 0.001, below: 0.01 }))).toBe('churn rate 0.1 % is below 1 %')
    expect(ruleSentence(rule({ observed: null, below: 0.01 }))).toBe('churn rate could not be computed')
  })

  it('says what it allows', () => {
    const ranges = [rule({ below: 0.01, above: 0.5 }), rule({ below: 0.01 }), rule({ above: 0.5 }), rule({})].map(ruleRange)
    expect(ranges).toEqual(['1 % to 50 %', 'at least 1 %', 'at most 50 %', 'any value'])
  })
})

describe('a label', () => {
  it('goes by the word of its task, and a class of several by its own name', () => {
    const churn = { name: 'churn', task: 'binary', taskName: 'late_payment', positive: 1 } as const
    expect([labelText(churn, 1), labelText(churn, '0')]).toEqual(['late payment', 'no late payment'])
    expect(labelText({ name: 'x', task: 'binary', taskName: 'positive', positive: 'y' }, 'n')).toBe('negative')
    expect(labelText({ name: 'x', task: 'multiclass', taskName: 'class' }, 'setosa')).toBe('setosa')
  })
})

describe('a key', () => {
  it('is masked so that its row can be found, and nobody by it', () => {
    expect(['', 'abc', 'C-00412', '😀😀😀😀😀😀'].map(maskedKey)).toEqual(['', '•••', 'C-•••2', '😀😀•••😀'])
  })
})

describe('a day', () => {
  it('that was held stands as it was decided', () => {
    expect(standing('held', undefined).word).toBe('Held')
    expect(standing('held', { decision: 'approved' }).word).toBe('Approved')
    expect(standing('held', { decision: 'rejected' }).word).toBe('Rejected')
    expect(standing('warn', { decision: 'approved' }).word).toBe('Warn')
  })

  it('says what readers see of it', () => {
    const { manifest } = goodDay()
    const at = '2026-11-23T06:00:11.950Z'
    expect(publishedSentence(manifest, undefined)).toBe('Nothing is published for this date')
    expect(publishedSentence(manifest, { attempt: 'a001', at, number: 1 })).toBe('Published')
    expect(publishedSentence(manifest, { attempt: 'a001', at, number: 3, by: 'ada', why: 'The other was wrong.' })).toBe(
      'Published by hand, 2026-11-23 06:00 UTC, by ada: The other was wrong.',
    )
    expect(publishedSentence(manifest, { attempt: 'a002', at, number: 1 })).toContain('is published')
    expect(publishedSentence({ ...manifest, seenPublication: 1 }, { attempt: 'a000', at, number: 1 })).toContain('stays published')
  })

  it('goes on with the command that fits: none after a good one, a check after a definition that is wrong, else a run', () => {
    expect(nextCommand(goodDay().manifest, undefined)).toBeUndefined()
    expect(nextCommand(dayWithProblem('ModelMismatch', 'x').manifest, undefined)).toBe('daybreak check churn')
    const failed = dayWithProblem('ContractBroken', 'x').manifest
    expect(nextCommand(failed, undefined)).toBe('daybreak run churn --date 2026-11-22')
    expect(nextCommand({ ...failed, givenInput: '/data/my file.csv' }, { attempt: 'a000', at: '', number: 1 })).toBe(
      "daybreak run churn --date 2026-11-22 --input '/data/my file.csv' --rerun",
    )
    expect(nextCommand({ ...failed, verdict: 'held' }, undefined)).toBe(
      'daybreak approve churn --date 2026-11-22 --attempt a001 --reason "…"',
    )
  })
})
