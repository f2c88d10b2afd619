import { execFileSync } from 'node:child_process'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mustComeBack } from '../../../engine/batch/knownModels.js'
import { trialLimits, tryApart } from '../../../engine/batch/trial.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { modelSpec, type ScoringSpec } from '../../../engine/scoring/openScoring.js'
import { deepTreeModel, endlessModel, largeModel } from '../../setup/heavyModels.js'
import { linearRegressorModel, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const limits = { ...trialLimits(0), cpuSeconds: 3 }

async function stored(bytes: Uint8Array, name = 'model.onnx'): Promise<string> {
  await writeFile(folder.path(name), bytes)
  return folder.path(name)
}

const tried = async (bytes: Uint8Array, changes = {}) => {
  const file = await stored(bytes)
  return await tryApart(file, { file }, { limits: { ...limits, ...changes } })
}

describe('a model in a process of its own', { timeout: 60_000 }, () => {
  test('comes back with what it is, or with what is wrong with it', async () => {
    expect(await tried(linearRegressorModel({ coefficients: [1, 2], intercept: 0 }))).toMatchObject({ usable: true })
    await expect(tried(Buffer.from('<html>'))).rejects.toMatchObject({
      code: 'ModelUnusable',
      message: expect.stringContaining('web page'),
    })
  })

  test('that ends the process is named, with the signal', async () => {
    await expect(tried(deepTreeModel(10_000))).rejects.toMatchObject({
      code: 'ModelBreaks',
      message: expect.stringMatching(/^The model .*model\.onnx ends the process that opens it \(SIG(SEGV|BUS|ILL|TRAP|ABRT)\)$/),
    })
    expect(await tried(deepTreeModel(200))).toMatchObject({ usable: true })
  })

  test('that does not end is ended, and so it is when nobody waits any more', async () => {
    await expect(tried(endlessModel(-1))).rejects.toMatchObject({
      code: 'ModelBreaks',
      message: expect.stringContaining('does not open and answer its first rows within 3 seconds'),
    })
    const file = await stored(endlessModel(-1))
    const trial = tryApart(file, { file }, { signal: AbortSignal.timeout(500) })
    await expect(trial).rejects.toMatchObject({ code: 'Interrupted' })
  })

  test('that asks for more memory than it may have is ended', async () => {
    await expect(tried(largeModel(3 * 2 ** 28), { memoryBytes: 2 ** 30, cpuSeconds: 20 })).rejects.toMatchObject({
      code: 'ModelBreaks',
      message: expect.stringContaining('takes more than 1.0 GB of memory'),
    })
  })
})

describe('what was tried is remembered', { timeout: 60_000 }, () => {
  const before = process.env.XDG_CACHE_HOME

  beforeEach(() => {
    process.env.XDG_CACHE_HOME = folder.path('cache')
  })

  afterEach(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
  })

  async function defined(model: Uint8Array) {
    await writeFile(
      folder.path('pipelines', 'small', 'pipeline.ts'),
      `import { column, definePipeline, regression } from 'daybreak'
       export default definePipeline({
         name: 'small',
         input: { path: 'in_{date}.csv', format: 'csv', key: 'id', columns: { id: column.text(), x: column.number() } },
         features: { x: (row) => row.x, y: (row) => row.x },
         model: { file: 'model.onnx', version: '1', task: regression() },
       })`,
    )
    await stored(model, 'pipelines/small/model.onnx')
    const { compiled, modelFile, modelVersion, preprocessingFiles, definition } = await loadPipeline(folder.path('pipelines'), 'small')
    const spec: ScoringSpec = { compiled, modelFile, modelVersion, preprocessingFiles }
    return { spec, wanted: modelSpec(definition) }
  }

  const remembered = () => readdir(folder.path('cache', 'daybreak', 'models'))

  test('a good model is tried once, and again when its bytes are others', async () => {
    await mkdir(folder.path('pipelines', 'small'), { recursive: true })
    const { spec, wanted } = await defined(linearRegressorModel({ coefficients: [1, 2], intercept: 0 }))
    await mustComeBack(spec, { wanted })
    const [verdict] = await remembered()
    await writeFile(folder.path('cache', 'daybreak', 'models', verdict!), JSON.stringify({ at: Date.now(), weights: [], breaks: 'is odd' }))
    await expect(mustComeBack(spec, { wanted })).rejects.toMatchObject({ message: expect.stringContaining('is odd, as was found before') })
    await mustComeBack(spec, { wanted, anew: true })
    await mustComeBack(spec, { wanted })
    expect(await remembered()).toHaveLength(1)
    await defined(linearRegressorModel({ coefficients: [1, 3], intercept: 0 }))
    await mustComeBack(spec, { wanted })
    expect(await remembered()).toHaveLength(2)
  })

  test('one that breaks is refused at once the next time', async () => {
    await mkdir(folder.path('pipelines', 'small'), { recursive: true })
    const { spec, wanted } = await defined(deepTreeModel(10_000))
    await expect(mustComeBack(spec, { wanted })).rejects.toMatchObject({ code: 'ModelBreaks' })
    await expect(mustComeBack(spec, { wanted })).rejects.toMatchObject({ code: 'ModelBreaks', message: expect.stringContaining('before') })
  })

  test('what is wrong otherwise is left to what opens it', async () => {
    await mkdir(folder.path('pipelines', 'small'), { recursive: true })
    const { spec, wanted } = await defined(linearRegressorModel({ coefficients: [1, 2, 3], intercept: 0 }))
    await mustComeBack(spec, { wanted })
    await mustComeBack({ ...spec, modelFile: folder.path('none.onnx') }, { wanted })
  })
})

describe('files that are none', () => {
  const external = (location: string) =>
    onnxModel({
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 2] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
      externalWeights: { name: 'w', shape: [2, 1], location },
    })
  const numbers = Buffer.from(new Float32Array([1, 2]).buffer)
  const refusal = (message: string) => ({ code: 'ModelUnusable', message: expect.stringContaining(message) })

  test('the model itself: a pipe, a device, a folder', async () => {
    execFileSync('mkfifo', [folder.path('pipe.onnx')])
    const open = (file: string) => tryApart(file, { file })
    await expect(open(folder.path('pipe.onnx'))).rejects.toMatchObject(refusal('it is a pipe, not a file'))
    await expect(open('/dev/zero')).rejects.toMatchObject(refusal('it is a device, not a file'))
    await expect(open(folder.path('.'))).rejects.toMatchObject(refusal('it is a folder, not a file'))
  })

  test('its weights: a pipe, a folder, what a link leads to elsewhere; a link inside the folder is a file', async () => {
    await mkdir(folder.path('model', 'folder'), { recursive: true })
    await writeFile(folder.path('outside.bin'), numbers)
    await writeFile(folder.path('model', 'weights.bin'), numbers)
    execFileSync('mkfifo', [folder.path('model', 'pipe')])
    await symlink('/dev/zero', folder.path('model', 'zero'))
    await symlink('../outside.bin', folder.path('model', 'outside'))
    await symlink('weights.bin', folder.path('model', 'link'))
    const open = async (location: string) => {
      const file = await stored(external(location), 'model/model.onnx')
      return await tryApart(file, { file })
    }
    await expect(open('pipe')).rejects.toMatchObject(refusal('it is a pipe, not a file'))
    await expect(open('folder')).rejects.toMatchObject(refusal('it is a folder, not a file'))
    for (const location of ['zero', 'outside', '../outside.bin'])
      await expect(open(location)).rejects.toMatchObject(refusal('outside its folder'))
    for (const location of ['weights.bin', 'link']) expect(await open(location)).toMatchObject({ usable: true })
  })
})
