/** Drawn ensembles of trees are run by the ONNX runtime and by Daybreak's own engine. */
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Chain, openChain } from '../../../../engine/model/chain.js'
import { Tensor } from '../../../../engine/model/onnx/runtime.js'
import { before } from '../../../../engine/model/trees/layOutTrees.js'
import { temporaryFolder } from '../../../setup/temporaryFolder.js'
import { draw, type Ensemble, modelOf } from './drawnEnsembles.js'

/** Call at the top of a test file. */
export function comparedTrees() {
  const folder = temporaryFolder()
  let files = 0

  async function chainOf(bytes: Uint8Array): Promise<Chain> {
    const file = folder.path(`${++files}.onnx`)
    await writeFile(file, bytes)
    return await openChain(file, [])
  }

  /** Runs records by the runtime and by the engine. Returns whether there was an engine. */
  async function compare(ensemble: Ensemble, records = 37): Promise<boolean> {
    const { features } = ensemble
    const { bytes, thresholds } = modelOf(ensemble)
    const chain = await chainOf(bytes)
    try {
      const next = draw(ensemble.seed + 1)
      const rows = Float32Array.from({ length: records * features }, () => {
        const value = thresholds[Math.floor(next() * thresholds.length)] ?? 0
        const kind = next()
        return kind < 0.4 ? value : kind < 0.6 ? before(Math.fround(value)) : kind < 0.95 ? next() * 12 - 6 : Number.NaN
      })
      const expected = await bitsOf(chain, rows, features)
      const own = await chain.useOwnTrees('scores', records, features)
      expect(await bitsOf(chain, rows, features)).toEqual(expected)
      return own
    } finally {
      await chain.release()
    }
  }

  return { folder, chainOf, compare }
}

/** The scores of some rows, as bits. */
export async function bitsOf(chain: Chain, rows: Float32Array, features: number): Promise<Int32Array> {
  const records = rows.length / features
  const input = new Tensor('float32', rows, [records, features])
  const kinds = Array.from({ length: records }, (_, record) => String(record % 5))
  const encoded = chain.description.inputs.length > 1
  const feeds = { input, ...(encoded ? { kind: new Tensor('string', kinds, [records]) } : {}) }
  const [scores] = await chain.infer(feeds, ['scores'])
  return new Int32Array(Float32Array.from(scores!.data as Float32Array).buffer)
}

export const shapes = fc.record({
  seed: fc.nat(1e9),
  features: fc.integer({ min: 1, max: 6 }),
  trees: fc.integer({ min: 1, max: 120 }),
  depth: fc.integer({ min: 0, max: 9 }),
  modes: fc.constantFrom(['BRANCH_LEQ'], ['BRANCH_LT'], ['BRANCH_LEQ', 'BRANCH_LT']),
  bases: fc.boolean(),
  tracks: fc.boolean(),
  negative: fc.boolean(),
  shuffled: fc.boolean(),
})
