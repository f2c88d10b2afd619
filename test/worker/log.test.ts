import { expect, test } from 'vitest'
import type { LogEntry } from '../../activities/context.js'
import { makeLog } from '../../worker/log.js'

const entry: LogEntry = {
  level: 'info',
  message: 'it ended\nFORGED \u001b[31mline',
  pipeline: 'churn',
  date: '2026-03-03',
  attempt: 'a001',
  run: 'the run',
  step: 'seal',
  code: 'InputRefused',
}

function written(logFormat: 'text' | 'json', given: LogEntry): string {
  const lines: string[] = []
  makeLog({ logFormat }, (line) => lines.push(line))(given)
  expect(lines).toHaveLength(1)
  return lines[0]!
}

test('words for people are one line, whatever a message says', () => {
  expect(written('text', entry).replace(/^\S+/, '<time>')).toBe(
    '<time> info: churn 2026-03-03 a001 seal: InputRefused: it ended\\u000aFORGED \\u001b[31mline',
  )
  expect(written('text', { level: 'warn', message: 'ready' }).replace(/^\S+/, '<time>')).toBe('<time> warn: ready')
})

test('a line for a collector is one object with all that is known', () => {
  const line = written('json', entry)
  expect(line).not.toContain('\n')
  const { time, ...rest } = JSON.parse(line)
  expect(rest).toEqual(entry)
  expect(new Date(time).toISOString()).toBe(time)
})
