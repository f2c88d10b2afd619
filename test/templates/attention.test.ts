import { describe, expect, it } from 'vitest'
import { attentionItems, cut, passedCount, stepTitle } from '../../templates/attention.js'
import { dayWithProblem, failedDay, goodDay, refusedDay, warnDay } from './exampleDays.js'

describe('what needs attention', () => {
  it('is nothing on a good day, when everything passed', () => {
    const { manifest } = goodDay()
    expect(attentionItems(goodDay())).toEqual([])
    expect(passedCount(manifest)).toBe(manifest.checks.length + manifest.rules.length)
  })

  it('has the worst first', () => {
    const order = ['bad', 'warn', 'note']
    for (const day of [warnDay(), failedDay(), refusedDay()]) {
      const severities = attentionItems(day).map(({ severity }) => order.indexOf(severity))
      expect(severities.length).toBeGreaterThan(0)
      expect(severities).toEqual(severities.toSorted((a, b) => a - b))
    }
  })

  it('says each thing once', () => {
    const day = dayWithProblem('ContractBroken', 'Column income is missing.', { details: ['Column income is missing.', 'Column age too.'] })
    const validation = {
      ...day.validation!,
      valid: false,
      errors: ['Column income is missing.', 'Something else.'],
      warnings: ['Something else.'],
    }
    const said = attentionItems({ ...day, validation }).flatMap(({ message, details }) => [message, ...details])
    expect(said.filter((one) => one === 'Something else.')).toHaveLength(1)
    expect(said.filter((one) => one === 'Column income is missing.')).toHaveLength(2)
  })

  it('names a channel by its last word, and not one that took the message in the end', () => {
    const event = (name: string, channel: string, detail?: string) =>
      ({ at: '2026-11-23T06:00:12.400Z', event: name, channel, message: 'success', ...(detail ? { detail } : {}) }) as never
    const events = [
      event('message-failed', 'slack', 'it answered 500'),
      event('message-sent', 'slack'),
      event('message-unclear', 'email', 'no answer'),
      event('channel-not-configured', 'slack (TEAM)'),
    ]
    expect(attentionItems({ ...goodDay(), events }).map(({ severity, message }) => [severity, message])).toEqual([
      ['warn', 'It gave no answer to the success message of this run.'],
      ['note', 'The worker has no settings for this channel, so the success message was not sent there.'],
    ])
  })
})

describe('a list', () => {
  it('is cut to what is shown, with the count of what is left', () => {
    expect(cut([1, 2, 3], 2)).toEqual({ shown: [1, 2], more: 1 })
    expect(cut([1], 2)).toEqual({ shown: [1], more: 0 })
  })
})

describe('a step', () => {
  it('has its title, and a name that is none of ours stays a name', () => {
    expect(stepTitle('findInput')).toBe('Wait for the input')
    expect(stepTitle('constructor')).toBe('constructor')
  })
})
