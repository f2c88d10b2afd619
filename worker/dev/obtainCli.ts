/**
 * A machine that has no Temporal CLI gets one here: by the download that is built into Temporal's SDK, or by building the pinned version
 * with Go. Each works in a folder of its own and renames at the end, so half a binary is never taken and two at once do not collide.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { systemErrorText } from '../../engine/protocol/systemErrors.js'

/** The newest version that `go install` builds: later ones have a `replace` in their go.mod, which it refuses. */
export const CLI_VERSION = '1.5.1'
export const CLI_FILE = process.platform === 'win32' ? 'temporal.exe' : 'temporal'

const MODULE = 'github.com/temporalio/cli'
/** From here on Go fetches by itself the newer toolchain a module asks for. */
const OLDEST_GO = 21
const SIGN_OF_LIFE_MS = 10_000
/** A download during which nothing arrives for so long is given up; where it is refused outright it fails at once. */
const DOWNLOAD_STALL_MS = 20_000
const KEPT_LINES = 10

export interface ObtainOptions {
  /** The folder in the cache that gets the binary. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly say: (line: string) => void
}

/**
 * Downloads the pinned version as Temporal's SDK does, in a process of its own: the SDK starts what it downloaded, cannot be
 * interrupted, and would occupy the one runtime our process has.
 * @returns the path of the binary
 * @throws `ServerUnavailable` with the reason, one line
 */
export async function downloadCli({ folder, env, say }: ObtainOptions): Promise<string> {
  say(`Downloading the Temporal CLI ${CLI_VERSION} from temporal.download.`)
  return intoCache(folder, async (temporary) => {
    const script = fileURLToPath(new URL('./downloadCliProcess.js', import.meta.url))
    const child = spawn(process.execPath, [script, `v${CLI_VERSION}`, temporary], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const lines: string[] = []
    createInterface(child.stderr).on('line', (line) => lines.push(line))

    let stalled = false
    let before = { bytes: 0, at: Date.now() }
    const watch = setInterval(async () => {
      const bytes = await folderBytes(temporary)
      if (bytes > before.bytes) {
        before = { bytes, at: Date.now() }
        say(`Downloading: ${Math.round(bytes / 1e6)} MB so far.`)
      } else if (Date.now() - before.at >= DOWNLOAD_STALL_MS) {
        stalled = true
        child.kill('SIGKILL')
      }
    }, SIGN_OF_LIFE_MS / 2)
    await ended(child)
    clearInterval(watch)

    // What the SDK has not finished ends in .downloading. It also starts the server and allows it 5 s; how that went does not matter here.
    const binary = (await readdir(temporary)).find((name) => !name.endsWith('.downloading'))
    if (binary) return join(temporary, binary)
    const why = stalled ? `nothing arrived for ${DOWNLOAD_STALL_MS / 1000} s` : (lines.at(-1) ?? 'the download ended without a word')
    say(`Not downloaded: ${why}.`)
    throw new DaybreakError('ServerUnavailable', `The Temporal CLI ${CLI_VERSION} could not be downloaded from temporal.download: ${why}.`)
  })
}

/**
 * Builds the pinned version from its published sources: 5 minutes on two cores, 2 on four.
 * @returns the path of the binary
 * @throws `ServerUnavailable` when Go is absent, too old, or fails: then with the last lines it wrote
 */
export async function buildCli({ folder, env, say }: ObtainOptions): Promise<string> {
  const go = await goVersion(env)
  say(`Building the Temporal CLI ${CLI_VERSION} with ${go} into ${folder}: about 5 minutes, once.`)
  const startedAt = Date.now()
  const path = await intoCache(folder, async (temporary) => {
    const flags = ['-v', `-ldflags=-s -w -X ${MODULE}/temporalcli.Version=${CLI_VERSION}`]
    const child = spawn('go', ['install', ...flags, `${MODULE}/cmd/temporal@v${CLI_VERSION}`], {
      cwd: temporary,
      env: goEnvironment(env, temporary),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let modules = 0
    let packages = 0
    const rest: string[] = []
    createInterface(child.stderr).on('line', (line) => {
      if (line.startsWith('go: downloading ')) modules++
      else if (/^[\w./~-]+$/.test(line)) packages++
      else if (rest.push(line) > KEPT_LINES) rest.shift()
    })
    const alive = setInterval(() => {
      say(`Building: ${seconds(startedAt)} s, ${modules} modules downloaded, ${packages} packages compiled.`)
    }, SIGN_OF_LIFE_MS)
    const end = await ended(child)
    clearInterval(alive)
    if (end === 'exit code 0') return join(temporary, CLI_FILE)
    throw new DaybreakError('ServerUnavailable', `${go} could not build the Temporal CLI ${CLI_VERSION} (${end}).`, { details: rest })
  })
  say(`Built the Temporal CLI ${CLI_VERSION} in ${seconds(startedAt)} s.`)
  return path
}

/** Lets `obtain` make the binary in a new folder beside its place, then moves it there. */
async function intoCache(folder: string, obtain: (temporary: string) => Promise<string>): Promise<string> {
  const path = join(folder, CLI_FILE)
  let temporary: string | undefined
  try {
    await mkdir(folder, { recursive: true })
    temporary = await mkdtemp(join(folder, 'new-'))
    await rename(await obtain(temporary), path)
    return path
  } catch (error) {
    if (error instanceof DaybreakError) throw error
    throw new DaybreakError('ServerUnavailable', `${path} cannot be written: ${systemErrorText(error)}.`, { cause: error })
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true })
  }
}

/** Asks Go for its version, such as `go1.25.1`. @throws `ServerUnavailable` when Go is absent or too old */
async function goVersion(env: NodeJS.ProcessEnv): Promise<string> {
  const asked = await promisify(execFile)('go', ['env', 'GOVERSION'], { env }).catch((error: unknown) => {
    throw new DaybreakError('ServerUnavailable', `Go, which could build the Temporal CLI, cannot be run: ${systemErrorText(error)}.`)
  })
  const version = asked.stdout.trim()
  const minor = /go1\.(\d+)/.exec(version)?.[1]
  if (minor && Number(minor) >= OLDEST_GO) return version
  throw new DaybreakError(
    'ServerUnavailable',
    `${version || 'Go'} is too old to build the Temporal CLI: it takes Go 1.${OLDEST_GO} or newer.`,
  )
}

/** Keeps the user's Go settings, without those that concern the user's own modules or another platform. */
function goEnvironment(env: NodeJS.ProcessEnv, bin: string): NodeJS.ProcessEnv {
  const { GOOS: _system, GOARCH: _processor, ...kept } = env
  const flags = (env.GOFLAGS ?? '').split(/\s+/).filter((flag) => flag && !flag.startsWith('-mod='))
  return { ...kept, GOBIN: bin, CGO_ENABLED: '0', GOFLAGS: flags.join(' '), GOTOOLCHAIN: env.GOTOOLCHAIN || 'auto' }
}

/** Says how a process ended: `exit code 0`, `SIGKILL`, or why it could not be started. */
export function ended(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((done) => {
    child.once('error', (error) => done(systemErrorText(error)))
    child.once('close', (code, signal) => done(signal ?? `exit code ${code}`))
  })
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

const seconds = (since: number): number => Math.round((Date.now() - since) / 1000)
