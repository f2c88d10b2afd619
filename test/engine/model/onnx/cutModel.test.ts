/** What comes before trees in a file is cut from them, and the runtime must compute it as before. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparedTrees, shapes } from '../trees/comparedTrees.js'
import { plain } from '../trees/drawnEnsembles.js'

const { compare } = comparedTrees()

test('behind a scaler, a normalizer or an encoder in the same file: the same bits', { timeout: 120_000 }, async () => {
  const heads = fc.constantFrom('scaler', 'normalizer', 'encoder')
  const kinds = fc.constantFrom({ sums: 1, classifier: false }, { sums: 1, classifier: true }, { sums: 3, classifier: true })
  await fc.assert(
    fc.asyncProperty(shapes, kinds, heads, fc.constantFrom(1, 37, 500), async (shape, kind, head, many) => {
      expect(await compare({ ...plain, ...shape, ...kind, head }, many)).toBe(true)
    }),
    { numRuns: 100, seed: 20261127 },
  )
})
