/**
 * `npm run packed`: the package, as people have it who install it into an empty folder with npm's own settings. It needs no network but the
 * registry's, fetches no GPU build, shows the demo, runs a day, and its types compile with the settings that `tsc --init` writes. All of it
 * on the oldest and on the newest Node that is supported, each with the npm of its line; both give the same results. Exit 1 when not.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { DayResult } from '../../engine/protocol/steps.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The floor that package.json names, and the newest line with long-term support. npm 12 runs no script unasked: these two do. */
const LINES = [
  { node: '20.19.0', npm: '10.9.9' },
  { node: '24.21.0', npm: '11.21.2' },
] as const

/** Compilers that people have, beside the repository's own: each says in a way of its own what it cannot name. */
const TYPESCRIPT = ['5.9.3', '6.0.3'] as const

/** A date of the demo, for a run without a server. */
const DATE = '2026-03-03'

/** What a build for GPUs has in its names. */
const GPU = /cuda|cudnn|tensorrt|directml|onnxruntime_providers/i

/** Where packages come from on this machine; everything else is as npm has it by itself. */
const NETWORK = ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy', 'cache']

interface Line {
  readonly name: string
  readonly folder: string
  readonly node: string
  readonly npm: string
  readonly env: NodeJS.ProcessEnv
}

interface Demo {
  readonly days: readonly { readonly date: string; readonly result: DayResult }[]
  readonly messages: readonly unknown[]
}

let [passed, failed] = [0, 0]

const { values: options } = parseArgs({ options: { counts: { type: 'string' } } })
const folder = await realpath(await mkdtemp(join(tmpdir(), 'daybreak-package-')))
try {
  await main()
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.stdout.write(`The package: ${passed} checks passed, ${failed} failed.\n`)
if (options.counts) await writeFile(options.counts, `${passed} ${failed}\n`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

async function main(): Promise<void> {
  const network = await networkSettings()
  const tarball = await pack()
  const digests: (readonly string[])[] = []
  for (const versions of LINES) {
    const line = await prepare(versions, network)
    await check(`${line.name}: installs with npm's own settings`, () => install(line, tarball))
    await check(`${line.name}: fetched nothing for GPUs`, () => nothingForGpus(line))
    await check(`${line.name}: says its version`, () => version(line))
    await check(`${line.name}: shows the demo`, async () => void digests.push(await demo(line)))
    await check(`${line.name}: runs a day without a server`, () => runDay(line))
    if (versions !== LINES.at(-1)) continue
    for (const [typescript, modules] of await compilers())
      await check(`${line.name}: definitions compile with TypeScript ${typescript}`, () => compile(line, typescript, modules))
  }
  await check('the same results digests on both', async () => {
    const [oldest, newest] = digests
    if (!oldest || JSON.stringify(oldest) !== JSON.stringify(newest)) throw new Error(`${oldest?.join(' ')} or ${newest?.join(' ')}`)
  })
}

async function check(name: string, run: () => Promise<void>): Promise<void> {
  const startedMs = Date.now()
  try {
    await run()
    passed += 1
    process.stdout.write(`ok      ${name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)\n`)
  } catch (error) {
    failed += 1
    process.stdout.write(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/** What it wrote on standard output. @throws with all that it wrote when it ends with another code than 0 */
async function output(command: string, words: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(command, words, { ...options, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${words.join(' ')} ended with ${error.code}\n${stdout}${stderr}`))
      else resolve(stdout)
    })
  })
}

async function networkSettings(): Promise<NodeJS.ProcessEnv> {
  const settings: NodeJS.ProcessEnv = {}
  for (const name of NETWORK) {
    const value = (await output('npm', ['config', 'get', name], { cwd: ROOT })).trim()
    if (!['', 'null', 'undefined'].includes(value)) settings[`npm_config_${name.replaceAll('-', '_')}`] = value
  }
  return settings
}

async function pack(): Promise<string> {
  const [packed] = JSON.parse(await output('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT })) as [
    { readonly filename: string; readonly size: number },
  ]
  process.stdout.write(`${packed.filename}: ${Math.round(packed.size / 1e6)} MB\n`)
  return join(folder, packed.filename)
}

/** Tools of ours, from the registry: as quick as the network, and kept in npm's cache. */
async function fetchTools(name: string, ...packages: readonly string[]): Promise<string> {
  const place = join(folder, 'tools', name)
  await mkdir(place, { recursive: true })
  await output('npm', ['install', '--ignore-scripts', '--no-save', '--prefix', place, ...packages], { cwd: place })
  return join(place, 'node_modules')
}

/** Node's own package of its binary. Without one for this system the Node that runs this has to do. */
async function prepare({ node, npm }: (typeof LINES)[number], network: NodeJS.ProcessEnv): Promise<Line> {
  const system = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const tools = await fetchTools(npm, `npm@${npm}`)
  const binary = await fetchTools(node, `node-${system}@${node}`).then(
    (modules) => join(modules, `node-${system}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
    () => process.execPath,
  )
  const found = (await output(binary, ['--version'], { cwd: folder })).trim()
  if (found !== `v${node}`) process.stdout.write(`There is no Node ${node} for ${system}: this one is taken.\n`)
  const name = `Node ${found.slice(1)}, npm ${npm}`
  const place = join(folder, `project-${npm}`)
  await mkdir(place)
  // `npm run` hands its own settings and folders to whatever it starts.
  const inherited = Object.entries(process.env).filter(([key]) => !/^(npm_|init_cwd$|node_options$|path$)/i.test(key))
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'))
  const env = {
    ...Object.fromEntries(inherited),
    ...network,
    PATH: [dirname(binary), ...path].join(delimiter),
    // There are no such files.
    npm_config_userconfig: join(folder, 'user.npmrc'),
    npm_config_globalconfig: join(folder, 'global.npmrc'),
  }
  return { name, folder: place, node: binary, npm: join(tools, 'npm', 'bin'), env }
}

async function npm(line: Line, ...words: readonly string[]): Promise<string> {
  return await output(line.node, [join(line.npm, 'npm-cli.js'), ...words], { cwd: line.folder, env: line.env })
}

async function daybreak(line: Line, ...words: readonly string[]): Promise<string> {
  return await output(line.node, [join(line.npm, 'npx-cli.js'), 'daybreak', ...words], { cwd: line.folder, env: line.env })
}

async function install(line: Line, tarball: string): Promise<void> {
  const ignored = (await npm(line, 'config', 'get', 'ignore-scripts')).trim()
  if (ignored !== 'false') throw new Error(`ignore-scripts is ${ignored}: these are not npm's own settings`)
  await npm(line, 'install', tarball)
}

async function nothingForGpus(line: Line): Promise<void> {
  const files = await readdir(join(line.folder, 'node_modules'), { recursive: true })
  if (!files.some((file) => file.endsWith('.node'))) throw new Error('there is no machine code at all')
  const odd = files.filter((file) => GPU.test(file) || /(^|[\\/])onnxruntime-node$/.test(file))
  if (odd.length > 0) throw new Error(odd.join(', '))
}

async function version(line: Line): Promise<void> {
  const { version: expected } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string }
  const said = (await daybreak(line, '--version')).trim()
  if (said !== expected) throw new Error(`it says ${said}, not ${expected}`)
}

/** The results digests of its days. */
async function demo(line: Line): Promise<readonly string[]> {
  const { days, messages } = JSON.parse(await daybreak(line, 'demo', '--json', '--dir', 'demo')) as Demo
  if (days.length < 6 || messages.length < 6) throw new Error(`${days.length} days and ${messages.length} messages are too few`)
  const digests = days.flatMap(({ date, result }) => (result.resultsDigest ? [`${date} ${result.resultsDigest}`] : []))
  if (digests.length < 4) throw new Error(`only ${digests.length} days have results`)
  return digests
}

async function runDay(line: Line): Promise<void> {
  const where = ['--pipelines', join('demo', 'pipelines'), '--home', join('demo', 'output')]
  const words = ['run', 'churn', '--local', '--rerun', '--date', DATE, '--json', ...where]
  const { attempt, published } = JSON.parse(await daybreak(line, ...words)) as DayResult
  if (attempt !== 'a002' || !published) throw new Error(`attempt ${attempt} is ${published ? '' : 'not '}published`)
}

/** Compilers by their versions: folders in which there is one. */
async function compilers(): Promise<readonly (readonly [version: string, modules: string])[]> {
  const own = join(ROOT, 'node_modules')
  const { version: ownVersion } = JSON.parse(await readFile(join(own, 'typescript', 'package.json'), 'utf8')) as {
    readonly version: string
  }
  const others = await Promise.all(
    TYPESCRIPT.map(async (each) => [each, await fetchTools(`typescript-${each}`, `typescript@${each}`)] as const),
  )
  return [...others, [ownVersion, own]]
}

/** The README's example, the pipeline that ships, the demo's, and all that definitions can be. */
async function compile(line: Line, version: string, modules: string): Promise<void> {
  const project = join(line.folder, `typescript-${version}`)
  const definition = async (name: string) => {
    await mkdir(join(project, 'pipelines', name), { recursive: true })
    return join(project, 'pipelines', name, 'pipeline.ts')
  }
  const [, example] = (await readFile(join(ROOT, 'README.md'), 'utf8')).match(/```ts\n([^`]*definePipeline\([^`]*)```/) ?? []
  await writeFile(await definition('orders'), example ?? 'The README has no example.')
  await cp(join(line.folder, 'node_modules', 'daybreak', 'pipelines', 'churn', 'pipeline.ts'), await definition('churn'))
  await cp(join(line.folder, 'demo', 'pipelines'), join(project, 'demo', 'pipelines'), { recursive: true })
  await cp(join(ROOT, 'test', 'package', 'definitions.ts'), join(project, 'definitions.ts'))
  // The settings of `tsc --init` are those of ES modules.
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
  const tsc = (...words: readonly string[]) =>
    output(line.node, [join(modules, 'typescript', 'bin', 'tsc'), ...words], { cwd: project, env: line.env })
  await tsc('--init')
  for (const skipLibCheck of ['true', 'false']) await tsc('--skipLibCheck', skipLibCheck)
  // Else nothing was asked of the compiler: `--init` has it write declarations.
  await readFile(join(project, 'pipelines', 'orders', 'pipeline.d.ts'))
}
