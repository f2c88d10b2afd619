import { expect, test } from 'vitest'
import { lateNotice } from '../../days/lateNotice.js'
import { createAttempt } from '../../engine/storage/attempts.js'
import { wanted } from '../engine/storage/sealedAttempts.js'
import { smallDay } from './smallDay.js'

const { folder, define, context } = smallDay()

test('a run that is late is told with the step that it stands in, and with the file while it waits for one', async () => {
  await define()
  const nominal = '2026-03-04T05:00:00.000Z'
  const attempt = await createAttempt(context().settings.home, { ...wanted('run'), nominal })
  const scoring = await lateNotice(context(), attempt, 'scorePartition')
  expect(scoring).toMatchObject({ verdict: 'warn', checks: [], files: {}, pipelineInfo: { task: 'binary' } })
  expect(scoring.headline).toMatch(
    /^The run is still going .+ after its time \(2026-03-04T05:00:00\.000Z\): it stands in step "Predict"\.$/,
  )
  const { headline } = await lateNotice(context(), attempt, 'findInput')
  expect(headline).toContain(`in step "Wait for the input", for ${folder.path('in_2026-03-03.csv')}.`)
})
