/** How far a sum of shares can lie beyond 0 and 1: forests of every size, by real sums of float32 and by the runtime. */
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { shareRounding } from '../../../../engine/model/onnx/shareRounding.js'
import { forestModel, treeModel } from '../../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../../setup/temporaryFolder.js'

const folder = temporaryFolder()

async function roundingOf(bytes: Uint8Array): Promise<number> {
  const file = folder.path('model.onnx')
  await writeFile(file, bytes)
  return (await describeModel(file)).shareRounding
}

const sum = (trees: number): number => {
  let all = 0
  for (let tree = 0; tree < trees; tree += 1) all = Math.fround(all + Math.fround(1 / trees))
  return all
}

test('the first ten thousand numbers of trees stay within it, and many need more than one bit', () => {
  const beyond = Array.from({ length: 10_000 }, (_, index) => ({ trees: index + 1, beyond: Math.abs(sum(index + 1) - 1) }))
  expect(beyond.filter(({ trees, beyond: by }) => by > shareRounding([{ shareTrees: trees }]))).toEqual([])
  expect(beyond.filter(({ beyond: by }) => by > 2 ** -23).length).toBeGreaterThan(400)
})

test.each([true, false])('trees that add shares are counted (a weight for each class: %s)', async (both) => {
  expect(await roundingOf(forestModel({ features: 2, trees: 500, both }))).toBe(2 ** -19 + 500 * 2 ** -24)
})

test('trees that add negative numbers give margins, and another model no trees: only a few sums are allowed for', async () => {
  expect(await roundingOf(treeModel({ place: 0 }))).toBe(2 ** -19)
  expect(await roundingOf(forestModel({ features: 2, trees: 500, leaves: [-0.1, 1] }))).toBe(2 ** -19)
  // A regression that is nearly a probability has answers such as -0.00007: no rounding makes them.
  expect(2 ** -19).toBeLessThan(0.000002)
})
