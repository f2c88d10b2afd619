/** While workers are upgraded one after the other, steps and workflows of this version and of the one before understand each other. */
import { expect, test } from 'vitest'
import { bindSteps } from '../../activities/steps.js'
import { ScoringPool } from '../../engine/batch/scoringPool.js'
import type { ScoreRequest, Steps } from '../../engine/protocol/steps.js'
import { sayStretch, stretchesOf } from '../../engine/protocol/stretches.js'
import { DATE, install } from '../setup/installation.js'

test('a stretch is scored by either of its names, and both are said', async (context) => {
  const here = await install(context)
  await here.deliver()
  const pool = new ScoringPool(1)
  context.onTestFinished(() => pool.close())
  const steps: Steps = bindSteps({ settings: here.settings, pool, code: 'this one' }, (_name, call) =>
    call({ onProgress: () => {}, signal: new AbortController().signal }),
  )
  const opened = await steps.open({ pipeline: 'churn', date: DATE, kind: 'manual', rerun: false, runKey: 'upgraded' })
  if (opened.decision !== 'run') throw new Error(opened.decision)
  const { attempt } = opened
  const input = await steps.findInput({ attempt, arrived: true, last: true })
  const inspected = await steps.inspect({ attempt, input })

  expect(inspected).toMatchObject({ records: 5000, stretches: 1, partitions: 1 })
  expect(stretchesOf({ records: 5000, bytes: 1, partitions: 3 })).toBe(3)
  expect(sayStretch({ attempt, stretch: 2 })).toEqual({ attempt, stretch: 2, partition: 2 })

  const scored = { stretch: 0, records: 5000, predicted: 5000, rejected: 0 }
  expect(await steps.scorePartition({ attempt, partition: 0 } as unknown as ScoreRequest)).toEqual(scored)
  expect(await steps.scorePartition({ attempt, stretch: 0 })).toEqual(scored)
})
