import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { comparePredictions } from '../../../engine/quality/compareAttempts.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

test('matches rows whatever their order, twice the same key, and a label that flips', async () => {
  const [before, after] = [folder.path('a.csv'), folder.path('b.csv')]
  await writeFile(before, 'id,prediction,probability\nx,1,0.75\ny,0,0.9\nz,1,0.6\nz,0,0.7\n')
  await writeFile(after, 'id,prediction,probability\nz,1,0.6\ny,1,0.5\nw,0,0.5\nz,0,0.7\nx,1,0.75\n')
  expect(await comparePredictions([before], [after], { key: 'id', task: 'binary', positive: 1 })).toMatchObject({
    compared: 4,
    added: 1,
    gone: 0,
    labelsChanged: 1,
    largestChange: { key: 'y', from: expect.closeTo(0.1), to: 0.5 },
    examples: { added: ['w'], labels: [{ key: 'y', from: '0', to: '1' }] },
  })
})
