/**
 * The demo and the tests run on the dev server of the Temporal CLI, which is found here; where there is none it is downloaded or built,
 * once, into a cache, and the user is told. A binary that the user named is never passed over, and one that does not run is never taken.
 */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { systemErrorText } from '../../engine/protocol/systemErrors.js'
import { buildCli, CLI_FILE, CLI_VERSION, downloadCli } from './obtainCli.js'

export interface FoundCli {
  readonly path: string
  /** `cached` is one that was downloaded or built before. */
  readonly how: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cached' | 'downloaded' | 'built'
  /** What the binary says of itself; a plain `go install` says `0.0.0-DEV`. */
  readonly version: string
}

export interface FindCliOptions {
  readonly env: NodeJS.ProcessEnv
  /** Takes one line for the user: a download or a build takes minutes. */
  readonly say: (line: string) => void
  /** Where binaries we obtain are kept; default `DAYBREAK_CACHE`, else `daybreak` in `XDG_CACHE_HOME`, else in `~/.cache`. */
  readonly cacheDir?: string
}

/** A binary of 250 MB is slow to read the first time. */
const VERSION_TIMEOUT_MS = 30_000

/**
 * In order: `TEMPORAL_CLI_PATH`; `temporal` on the `PATH`; the one obtained before; the download of Temporal's SDK; a build with Go.
 * @throws `ServerUnavailable` at once when `TEMPORAL_CLI_PATH` is no Temporal CLI that runs; otherwise listing everything tried.
 */
export async function findTemporalCli({ env, say, cacheDir }: FindCliOptions): Promise<FoundCli> {
  if (env.TEMPORAL_CLI_PATH) {
    const path = resolve(env.TEMPORAL_CLI_PATH)
    return { path, how: 'TEMPORAL_CLI_PATH', version: await askVersion(path, env, 'TEMPORAL_CLI_PATH') }
  }
  const folder = join(cacheDir ?? cacheFolder(env), `temporal-cli-${CLI_VERSION}`)
  const ways: readonly (readonly [FoundCli['how'], () => Promise<string>])[] = [
    ['PATH', () => onPath(env)],
    ['cached', async () => join(folder, CLI_FILE)],
    ['downloaded', () => downloadCli({ folder, env, say })],
    ['built', () => buildCli({ folder, env, say })],
  ]
  const tried: string[] = []
  for (const [how, get] of ways) {
    try {
      const path = await get()
      return { path, how, version: await askVersion(path, env) }
    } catch (error) {
      if (!(error instanceof DaybreakError)) throw error
      tried.push(error.message, ...error.problem.details)
    }
  }
  throw new DaybreakError('ServerUnavailable', 'No Temporal CLI was found, downloaded or built.', {
    details: tried,
  })
}

/** Makes the environment for a Temporal CLI of ours: settings meant for other servers must not steer it. */
export function cliEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'))
  return { ...Object.fromEntries(others), TEMPORAL_VERSION_CHECK_DISABLED: '1' }
}

/** The folder where what was obtained is kept, such as the Temporal CLI. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return resolve(env.DAYBREAK_CACHE || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'daybreak'))
}

async function onPath(env: NodeJS.ProcessEnv): Promise<string> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, CLI_FILE)
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (executable) return path
  }
  throw new DaybreakError('ServerUnavailable', `There is no ${CLI_FILE} on the PATH.`)
}

/** Asks a binary for its version, which proves that it is the Temporal CLI and runs here. An error calls it `called` besides its path. */
function askVersion(path: string, env: NodeJS.ProcessEnv, called?: string): Promise<string> {
  const subject = called ? `${called}, ${path},` : path
  return new Promise((done, fail) => {
    execFile(path, ['--version'], { timeout: VERSION_TIMEOUT_MS, env: cliEnvironment(env) }, (error, stdout, stderr) => {
      const version = /^temporal version (\S+)/.exec(stdout)?.[1]
      if (!error && version) return done(version)
      const said = `${stdout}${stderr}`.trim().split('\n')[0] ?? ''
      let why = `is not the Temporal CLI: asked for its version it says "${said.slice(0, 100)}"`
      if (error?.killed) why = `gave no version within ${VERSION_TIMEOUT_MS / 1000} s`
      else if (typeof error?.code === 'string') why = `cannot be run: ${systemErrorText(error)}`
      else if (error) why = `failed when asked for its version (${error.signal ?? `exit code ${error.code}`}): "${said.slice(0, 100)}"`
      return fail(new DaybreakError('ServerUnavailable', `${subject} ${why}.`))
    })
  })
}
