/** Measures Daybreak against its peers on the same files, in turn, as ratios: `npm run bench`. bench/README.md has the method. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import '../engine/model/onnx/noTelemetry.js'
import { type Agreement, agreement } from './agreement.js'
import { DATE, makeData } from './data.js'
import { startInstallation } from './installation.js'
import { type Job, MODELS, type Model, PEERS, type Peer } from './job.js'
import { type Measured, measure } from './measure.js'
import { tableOf } from './table.js'

const HELP = `npm run bench -- [options]
  --rows N,N     sizes of the daily file (default 5000,1000000; up to 20000000)
  --models M,M   linear, forest, boosting (default linear)
  --peers P,P    seed, polars, temporal (our own worker and a Temporal server) or none (default seed,polars)
  --pairs N      runs of each, in turn (default 5)
  --cpus LIST    processors for both sides, as taskset takes them, or all (default 0,1)
  --dir FOLDER   data, models and the peers' virtual environment, kept (default bench-data)
  --out FILE     the results as JSON, and beside them the table (default results.json in the folder)
  --quick        10,000 rows, two pairs, no limits: a smoke test of the benchmark itself`

const BENCH = fileURLToPath(new URL('../../bench', import.meta.url))
const CLI = fileURLToPath(new URL('../bin/daybreak.js', import.meta.url))

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    models: { type: 'string', default: 'linear' },
    peers: { type: 'string', default: 'seed,polars' },
    pairs: { type: 'string' },
    cpus: { type: 'string', default: '0,1' },
    dir: { type: 'string', default: 'bench-data' },
    out: { type: 'string' },
    quick: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})

/** The processors that both sides run on. */
const PROCESSORS: { readonly cpus?: string } = values.cpus === 'all' ? {} : { cpus: values.cpus }

async function main(): Promise<number> {
  const folder = resolve(values.dir)
  const sizes = (values.rows ?? (values.quick ? '10000' : '5000,1000000')).split(',').map(Number)
  const models = MODELS.filter((model) => values.models.split(',').includes(model))
  const peers = PEERS.filter((peer) => values.peers.split(',').includes(peer))
  const pairs = Number(values.pairs ?? (values.quick ? 2 : 5))
  if (models.length === 0 || !sizes.every((rows) => Number.isInteger(rows) && rows > 0) || !(pairs > 0)) {
    process.stderr.write(`${HELP}\n`)
    return 2
  }
  await mkdir(folder, { recursive: true })
  const python = preparePeers(folder)
  await layOut(folder, python)
  const jobs: Job[] = []
  for (const rows of sizes) {
    const input = join(folder, `customers_${rows}.csv`)
    await makeData(input, rows)
    for (const model of models) {
      for (const peer of peers.length > 0 ? peers : [undefined]) {
        const job = await compare({ folder, input, python, model, rows, peer, pairs })
        jobs.push(job)
        process.stdout.write(`${tableOf([job]).split('\n').slice(-1)[0]}\n`)
      }
    }
  }
  process.stdout.write(`\n${tableOf(jobs)}\n`)
  const out = resolve(values.out ?? join(folder, 'results.json'))
  await writeFile(out, `${JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, cpus: values.cpus, jobs }, null, 2)}\n`)
  await writeFile(`${out.replace(/\.json$/, '')}.md`, `${tableOf(jobs)}\n`)
  return jobs.some(({ agreement: one }) => one && !one.agrees) ? 1 : 0
}

/** Sets up the peers' virtual environment once, and gives its Python. @throws Error saying what is missing */
function preparePeers(folder: string): string {
  const venv = join(folder, 'venv')
  const python = join(venv, 'bin', 'python')
  if (existsSync(join(venv, 'ready'))) return python
  process.stderr.write('Setting up the peers: python3 -m venv, pip install (once) …\n')
  try {
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' })
    const packages = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(BENCH, 'peers', 'requirements.txt')]
    execFileSync(python, packages, { stdio: 'inherit' })
    execFileSync(python, ['-c', `open(${JSON.stringify(join(venv, 'ready'))}, 'w').close()`])
  } catch (error) {
    throw new Error(
      'The peers need python3 with venv and pip, and PyPI within reach: bench/peers/requirements.txt says what is installed.',
      { cause: error },
    )
  }
  return python
}

/** Writes a project with a pipeline for each model: the shipped definition without channels, on the benchmark's models. */
async function layOut(folder: string, python: string): Promise<void> {
  const models = join(folder, 'models')
  if (!existsSync(join(models, 'boosting.onnx'))) {
    await mkdir(models, { recursive: true })
    execFileSync(python, [join(BENCH, 'peers', 'train.py'), models], { stdio: 'inherit' })
  }
  for (const model of MODELS) {
    const pipeline = join(folder, 'project', 'pipelines', model)
    await mkdir(join(pipeline, 'model'), { recursive: true })
    await cp(join(models, `${model}.onnx`), join(pipeline, 'model', 'model.onnx'))
    await writeFile(join(pipeline, 'pipeline.ts'), definition(model))
  }
}

const definition = (
  model: Model,
) => `import { binary, column, definePipeline, lowConfidenceShare, meanConfidence, positiveRate } from 'daybreak'

export default definePipeline({
  name: '${model}',
  input: {
    path: 'customers_{date}.csv',
    format: 'csv',
    key: 'customer_id',
    columns: {
      customer_id: column.text({ maxLength: 64 }),
      age: column.number({ min: 0, max: 120 }),
      income: column.number({ min: 0 }),
      purchase_history: column.number({ min: 0 }),
      last_purchase_date: column.date({ max: 'data-date' }),
    },
  },
  features: {
    age: (row) => row.age,
    income: (row) => row.income,
    days_since_purchase: (row, { date }) => date - row.last_purchase_date,
    purchase_frequency: (row, { date }) => row.purchase_history / (date - row.last_purchase_date + 1),
  },
  model: { file: 'model/model.onnx', version: '1', task: binary({ positive: 1, name: 'churn' }) },
  output: { columns: ['customer_id', 'prediction', 'probability', 'timestamp'] },
  anomalies: [positiveRate({ below: 0.01, above: 0.5 }), meanConfidence({ below: 0.6 }), lowConfidenceShare({ above: 0.3 })],
})
`

interface Comparison {
  readonly folder: string
  readonly input: string
  readonly python: string
  readonly model: Model
  readonly rows: number
  readonly peer: Peer | undefined
  readonly pairs: number
}

/** Runs both sides in turn, each into a fresh folder, and compares the predictions of the last pair. */
async function compare(comparison: Comparison): Promise<Job> {
  const { folder, input, model, rows, peer, pairs } = comparison
  const [ours, theirs]: [Measured[], Measured[]] = [[], []]
  let found: Agreement | undefined
  const pipelines = join(folder, 'project', 'pipelines')
  const target = await mkdtemp(join(tmpdir(), 'daybreak-bench-'))
  const [home, installed, python] = ['local', 'installed', 'python'].map((name) => join(target, name)) as [string, string, string]
  const words = ['run', model, '--date', DATE, '--input', input, '--json', '--pipelines', pipelines, '--home']
  const installation = peer === 'temporal' ? await startInstallation(CLI, installed, pipelines, PROCESSORS.cpus) : undefined
  const runPeer = async () => {
    if (installation) return await measure(process.execPath, [CLI, ...words, installed], { ...PROCESSORS, env: installation.env })
    const [job, extension] = peer === 'seed' ? ['seed_job.py', 'pkl'] : ['polars_job.py', 'onnx']
    await mkdir(python)
    const args = [join(BENCH, 'peers', job), input, join(folder, 'models', `${model}.${extension}`), python, DATE]
    return await measure(comparison.python, args, PROCESSORS)
  }
  try {
    // A worker that has done nothing yet is slower than it will be.
    if (installation) await runPeer()
    for (let pair = 0; pair < pairs; pair += 1) {
      for (const left of [join(installed, model), home, python]) await rm(left, { recursive: true, force: true })
      ours.push(await measure(process.execPath, [CLI, ...words, home, '--local'], PROCESSORS))
      if (!peer) continue
      theirs.push(await runPeer())
    }
    const predictions = (where: string) => join(where, model, 'predictions', `predictions_${DATE}.csv`)
    if (peer) found = await agreement(predictions(home), installation ? predictions(installed) : join(python, 'predictions.csv'))
  } finally {
    await installation?.stop()
    await rm(target, { recursive: true, force: true })
  }
  return { model, rows, peer, ours, theirs, agreement: found }
}

if (values.help) process.stdout.write(`${HELP}\n`)
else process.exitCode = await main()
