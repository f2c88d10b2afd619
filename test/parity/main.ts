/**
 * `npm run parity [-- <model or folder>…]` gives the same models the same tensors in Python's onnxruntime: are the answers the same bits?
 * Without arguments it takes the shipped model and some of the kinds that exporters write. It makes a virtual environment of its own below
 * the build folder, and needs `python3` and PyPI.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openChain } from '../../engine/model/chain.js'
import { ELEMENT_TYPES, type Elements } from '../../engine/model/onnx/elements.js'
import { Tensor } from '../../engine/model/onnx/runtime.js'
import { isLabelOutput, isScoreOutput, type TensorInfo } from '../../engine/model/onnx/tensorInfo.js'
import { linearClassifierModel, linearRegressorModel, mixedInputsModel } from '../setup/onnxBuilder.js'

const SOURCE = fileURLToPath(new URL('../../../test/parity', import.meta.url))
const SHIPPED = fileURLToPath(new URL('../../../pipelines/churn/model/churn.onnx', import.meta.url))
const VENV = fileURLToPath(new URL('../../parity-venv', import.meta.url))

/** Records of a batch where the model leaves it free: that of a run. */
const BATCH = 4096
/** Width where the model leaves it open. */
const WIDTHS = [16, 4, 1, 30, 2, 64]

interface PlainTensor {
  readonly name: string
  readonly type: string
  readonly dims: readonly number[]
  readonly bytes?: string
  readonly texts?: readonly string[]
}

function python(): string {
  const bin = join(VENV, 'bin', 'python')
  if (!existsSync(bin)) {
    const run = (command: string, args: readonly string[]) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    run('python3', ['-m', 'venv', VENV])
    run(bin, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(SOURCE, 'requirements.txt')])
  }
  return bin
}

/** The same numbers every time: whole ones, fractions, negative ones, large ones. */
function fill(elements: Elements, type: string, seed: number): void {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  for (let at = 0; at < elements.length; at += 1) {
    const value = next()
    if (Array.isArray(elements)) elements[at] = ['', 'a', 'S', 'male', 'unbekannt'][Math.floor(value * 5)]!
    else if (type === 'bool') elements[at] = Math.round(value)
    else if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) elements[at] = BigInt(Math.floor(value * 5))
    else if (type.startsWith('float')) elements[at] = value < 0.1 ? 0 : value < 0.5 ? value * 4 - 1 : Math.floor(value * 100)
    else elements[at] = Math.floor(value * 5)
  }
}

function feedsOf(inputs: readonly TensorInfo[], width: number): Map<string, Tensor> {
  const batch = inputs.map(({ shape }) => shape[0] ?? -1).find((size) => size > 0) ?? BATCH
  return new Map(
    inputs.map(({ name, type, shape }, index) => {
      const dims = shape.map((size, dimension) => (size >= 0 ? size : dimension === 0 ? batch : width))
      const elements = ELEMENT_TYPES.get(type)!.create(dims.reduce((product, size) => product * size, 1))
      fill(elements, type, index + 1)
      return [name, new Tensor(type as Tensor.Type, elements as Tensor.DataType, dims)]
    }),
  )
}

function plain(name: string, { type, dims, data }: Tensor): PlainTensor {
  if (type === 'string') return { name, type, dims, texts: [...(data as string[])] }
  const { buffer, byteOffset, byteLength } = data as Float32Array
  return { name, type, dims, bytes: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
}

/** The job for the peer, or why Node itself does not run the model. */
async function jobFor(file: string): Promise<string> {
  const chain = await openChain(file, [])
  try {
    const { description } = chain
    if (!description.usable) throw new Error(description.notes[0] ?? 'not usable')
    const output = description.outputs.find(isScoreOutput) ?? description.outputs.find(isLabelOutput)!
    let failure: unknown
    for (const width of WIDTHS) {
      const feeds = feedsOf(description.inputs, width)
      try {
        await chain.infer(Object.fromEntries(feeds), [output.name])
        const [records = 1, features = 1] = [...feeds.values()][0]!.dims
        await chain.useOwnTrees(output.name, records, features)
        const [answer] = await chain.infer(Object.fromEntries(feeds), [output.name])
        const tensors = [...feeds].map(([name, tensor]) => plain(name, tensor))
        const { classes } = description
        return JSON.stringify({ files: [file], feeds: tensors, output: output.name, classes, answer: plain(output.name, answer!) })
      } catch (error) {
        failure = error
      }
    }
    throw failure
  } finally {
    await chain.release()
  }
}

async function modelsIn(path: string): Promise<readonly string[]> {
  if (!statSync(path).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true })
  return entries
    .filter((name) => name.endsWith('.onnx'))
    .sort()
    .map((name) => join(path, name))
}

/** The shipped model, and small ones of the kinds that exporters write. */
async function ownModels(folder: string): Promise<readonly string[]> {
  const classifier = { features: 4, coefficients: [[0.3, -0.2, 0.01, 0.7]], intercept: [0.1] }
  const several = {
    features: 4,
    coefficients: [
      [0.3, -0.2, 0.01, 0.7],
      [0.1, 0.2, 0.3, 0.4],
      [-0.5, 0, 0.5, 0.1],
    ],
    intercept: [0, 0.1, -0.1],
  }
  const models: Readonly<Record<string, Uint8Array>> = {
    'zipmap-int64': linearClassifierModel({ ...classifier, labels: [0, 1], zipMap: true }),
    'zipmap-string-alone': linearClassifierModel({ ...several, labels: ['c', 'a', 'b'], zipMap: 'alone' }),
    'named-inputs': linearClassifierModel({ ...classifier, features: ['a', 'b', 'c', 'd'], labels: ['no', 'yes'] }),
    'batch-of-3': linearClassifierModel({ ...several, labels: [94, 17, 36], batch: 3 }),
    'mixed-inputs': mixedInputsModel(),
    regression: linearRegressorModel({ coefficients: [0.25, -1.5, 3e-7], intercept: 12.5 }),
  }
  for (const [name, bytes] of Object.entries(models)) await writeFile(join(folder, `${name}.onnx`), bytes)
  return [SHIPPED, ...Object.keys(models).map((name) => join(folder, `${name}.onnx`))]
}

const named = process.argv.slice(2).map((path) => resolve(path))
const folder = await mkdtemp(join(tmpdir(), 'daybreak-parity-'))
const files = named.length > 0 ? (await Promise.all(named.map(modelsIn))).flat() : await ownModels(folder)
const peer = spawn(python(), [join(SOURCE, 'peer.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]()
let [same, different, refused] = [0, 0, 0]
for (const file of files) {
  let job: string
  try {
    job = await jobFor(file)
  } catch (error) {
    refused += 1
    process.stdout.write(`not run    ${file}: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}\n`)
    continue
  }
  peer.stdin.write(`${job}\n`)
  const { value } = await answers.next()
  const answer = JSON.parse(String(value)) as { values?: number; different?: number; error?: string }
  const equal = answer.different === 0
  if (equal) same += 1
  else different += 1
  process.stdout.write(
    `${equal ? 'same bits ' : 'DIFFERENT '} ${file}: ${answer.error ?? `${answer.values} values, ${answer.different} different`}\n`,
  )
}
peer.stdin.end()
await rm(folder, { recursive: true, force: true })
process.stdout.write(`${same} models with the same bits, ${different} with others, ${refused} that Node does not run\n`)
process.exitCode = different > 0 || same === 0 ? 1 : 0
