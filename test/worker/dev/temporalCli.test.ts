import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DaybreakError } from '../../../engine/protocol/errors.js'
import { findTemporalCli } from '../../../worker/dev/temporalCli.js'

let folder: string
let env: NodeJS.ProcessEnv
let said: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybreak-cli-'))
  // Nothing listens on port 9, so a download is refused wherever the tests run.
  env = { PATH: join(folder, 'bin'), DAYBREAK_CACHE: join(folder, 'cache'), HTTPS_PROXY: 'http://127.0.0.1:9' }
  said = []
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const find = () => findTemporalCli({ env, say: (line) => said.push(line) })

/** An executable of shell built-ins, in the temporary folder. */
async function program(path: string, script: string): Promise<string> {
  const file = join(folder, path)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  return file
}

const cli = (path: string, version: string) => program(path, `echo "temporal version ${version} (Server 1.29.1, UI 2.42.1)"`)

/** A Go that "builds" a CLI of this version; the argument it installs is its last. */
const go = (version: string, install: string) =>
  program('bin/go', `if [ "$1" = env ]; then echo ${version}; exit; fi\nfor last; do :; done\n${install}`)

const BUILDS = `[ -z "$GOFLAGS$GOOS" ] && [ "$CGO_ENABLED" = 0 ] && [ "$last" = github.com/temporalio/cli/cmd/temporal@v1.5.1 ] || exit 3
echo "go: downloading example.com/some v1.0.0" >&2
{ echo '#!/bin/sh'; echo 'echo temporal version 1.5.1'; } > "$GOBIN/temporal"
/bin/chmod +x "$GOBIN/temporal"`

async function failure(): Promise<DaybreakError> {
  const error = await find().then(
    (found) => expect.fail(`found ${found.path}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DaybreakError)) throw error
  expect(error.code).toBe('ServerUnavailable')
  return error
}

test('the binary named in TEMPORAL_CLI_PATH goes before all others', async () => {
  await cli('bin/temporal', '1.1.0')
  const path = await cli('mine/temporal-cli', '1.2.3')
  env.TEMPORAL_CLI_PATH = path
  expect(await find()).toEqual({ path, how: 'TEMPORAL_CLI_PATH', version: '1.2.3' })
})

test('the one on the PATH goes before the cached one, and nothing is said', async () => {
  const path = await cli('bin/temporal', '1.1.0')
  await cli('cache/temporal-cli-1.5.1/temporal', '1.5.1')
  expect(await find()).toEqual({ path, how: 'PATH', version: '1.1.0' })
  expect(said).toEqual([])
})

test('the cached one is taken without a download or a build', async () => {
  const path = await cli('cache/temporal-cli-1.5.1/temporal', '1.5.1')
  expect(await find()).toEqual({ path, how: 'cached', version: '1.5.1' })
  expect(said).toEqual([])
})

test('a binary on the PATH that does not run is passed over', async () => {
  await program('bin/temporal', 'exit 1')
  await cli('cache/temporal-cli-1.5.1/temporal', '1.5.1')
  expect((await find()).how).toBe('cached')
})

test('the cache is in XDG_CACHE_HOME, or in .cache of the home folder', async () => {
  delete env.DAYBREAK_CACHE
  env.HOME = join(folder, 'home')
  const atHome = await cli('home/.cache/daybreak/temporal-cli-1.5.1/temporal', '1.5.1')
  expect((await find()).path).toBe(atHome)
  env.XDG_CACHE_HOME = join(folder, 'xdg')
  const inXdg = await cli('xdg/daybreak/temporal-cli-1.5.1/temporal', '1.5.1')
  expect((await find()).path).toBe(inXdg)
})

test.each([
  ['is missing', () => Promise.resolve(join(folder, 'nowhere')), /TEMPORAL_CLI_PATH, .*nowhere, cannot be run: there is no such file/],
  ['is a folder', () => Promise.resolve(folder), /cannot be run: permission denied/],
  ['is another program', () => program('other', 'echo hello'), /is not the Temporal CLI: asked for its version it says "hello"/],
  ['fails', () => program('broken', 'echo no such library >&2; exit 127'), /failed .*exit code 127.*no such library/],
])('a TEMPORAL_CLI_PATH that %s is an error at once, though another binary is there', async (_what, make, message) => {
  await cli('bin/temporal', '1.1.0')
  env.TEMPORAL_CLI_PATH = await make()
  expect((await failure()).message).toMatch(message)
})

test('settings for other Temporal servers do not reach the binary', async () => {
  env.TEMPORAL_ENV = 'production'
  env.TEMPORAL_CLI_PATH = await program('temporal', 'echo temporal version $TEMPORAL_ENV alone')
  expect((await find()).version).toBe('alone')
})

test('without any, it is built with Go into the cache, once, and says so', async () => {
  env.GOFLAGS = '-mod=vendor'
  env.GOOS = 'plan9'
  await go('go1.22.1', BUILDS)
  const path = join(folder, 'cache/temporal-cli-1.5.1/temporal')
  expect(await find()).toEqual({ path, how: 'built', version: '1.5.1' })
  expect(said.join('\n')).toMatch(
    /^Downloading .*\nNot downloaded: .*\nBuilding the Temporal CLI 1\.5\.1 with go1\.22\.1 .*about 5 minutes, once/,
  )
  expect(await readdir(join(folder, 'cache/temporal-cli-1.5.1'))).toEqual(['temporal'])
  expect((await find()).how).toBe('cached')
})

test('two builds at once both end with a binary that runs', async () => {
  await go('go1.22.1', `read -r _ < /dev/null; ${BUILDS}`)
  const both = await Promise.all([find(), find()])
  expect(both.map(({ version }) => version)).toEqual(['1.5.1', '1.5.1'])
  expect(await readdir(join(folder, 'cache/temporal-cli-1.5.1'))).toEqual(['temporal'])
})

test('a build that fails leaves nothing behind and shows the last lines of Go', async () => {
  await go('go1.22.1', 'echo half > "$GOBIN/temporal"; echo "go: module lookup disabled by GOPROXY=off" >&2; exit 1')
  const { details } = (await failure()).problem
  expect(details.slice(-2)).toEqual([
    'go1.22.1 could not build the Temporal CLI 1.5.1 (exit code 1).',
    'go: module lookup disabled by GOPROXY=off',
  ])
  expect(await readdir(join(folder, 'cache/temporal-cli-1.5.1'))).toEqual([])
})

test('a Go that is too old is not tried', async () => {
  await go('go1.19.8', BUILDS)
  expect((await failure()).problem.details.at(-1)).toBe('go1.19.8 is too old to build the Temporal CLI: it takes Go 1.21 or newer.')
})

test('the error lists everything tried and what would help', async () => {
  const { details, next } = (await failure()).problem
  const cached = join(folder, 'cache/temporal-cli-1.5.1/temporal')
  expect(details).toEqual([
    'There is no temporal on the PATH.',
    `${cached} cannot be run: there is no such file or folder.`,
    expect.stringMatching(/^The Temporal CLI 1\.5\.1 could not be downloaded from temporal\.download: .+\.$/),
    'Go, which could build the Temporal CLI, cannot be run: there is no such file or folder.',
  ])
  for (const help of ['Temporal CLI', 'TEMPORAL_CLI_PATH', 'TEMPORAL_ADDRESS', 'Go']) expect(next).toContain(help)
})
