/**
 * Bundles a definition with everything it imports into one module, so that its hash stands for the whole definition.
 * For the main process: scoring threads are given what was compiled and never build. Nothing of the definition is run here.
 */
import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, BuildResult, Message, Metafile, Plugin } from 'esbuild'
import * as kit from '../../definition/index.js'
import { DaybreakError, type Place } from '../protocol/errors.js'
import { messageOf } from '../protocol/systemErrors.js'
import { build, dismissBundler } from './bundler.js'
import type { CompiledDefinition } from './runDefinition.js'

export type { CompiledDefinition } from './runDefinition.js'

/** Built-in modules by which a definition could depend on more than what was compiled. */
const REACHES_OUT =
  /^(node:)?(fs|child_process|cluster|crypto|dgram|dns|http|http2|https|module|net|os|process|sqlite|tls|vm|worker_threads)(\/|$)/

/**
 * Answers `from 'daybreak'` with a module that looks the names up in the running product: nothing is resolved, so a definition
 * bundles alike in a clone and beside an installed package, and names it does not use do not reach its fingerprint.
 */
const productPlugin: Plugin = {
  name: 'daybreak',
  setup(build) {
    build.onResolve({ filter: /^daybreak$/ }, () => ({ path: 'daybreak', namespace: 'product', sideEffects: false }))
    build.onLoad({ filter: /.*/, namespace: 'product' }, () => ({
      loader: 'js',
      contents: [
        "const kit = (name) => globalThis[Symbol.for('daybreak.definition')][name]",
        ...Object.keys(kit)
          .sort()
          .map((name) => `export const ${name} = /* @__PURE__ */ kit('${name}')`),
      ].join('\n'),
    }))
  },
}

/**
 * Bundles `file` (absolute path of a `pipeline.ts`) of the project in `root`. The fingerprint is the same for another folder,
 * current directory, comments, indentation or line ends; any other change of the definition or of what it imports moves it.
 * @throws {DaybreakError} DefinitionInvalid with every error as `file:line:column: text`, files relative to `root`
 */
export async function compileDefinition(file: string, root: string): Promise<Compilation> {
  const [realFile, realRoot] = await Promise.all([realpath(file), realpath(root)])
  const name = `${realFile}\n${realRoot}`
  const known = compiled.get(name)
  if (known && (await stateOf(known.inputs)) === known.state) return known.result
  const startedMs = Date.now()
  const { metafile, ...result } = await compileAnew(realFile, realRoot)
  const inputs = Object.keys(metafile.inputs).flatMap((input) => (input.startsWith('product:') ? [] : [join(realRoot, input)]))
  const state = await stateOf(inputs, startedMs - SETTLED_MS)
  if (state === undefined) compiled.delete(name)
  else compiled.set(name, { inputs, state, result })
  return result
}

export interface Compilation {
  readonly compiled: CompiledDefinition
  readonly warnings: readonly string[]
}

/** What was bundled, and of what: every step of a run loads its definition. */
const compiled = new Map<string, { readonly inputs: readonly string[]; readonly state: string; readonly result: Compilation }>()

/** A file that was changed later than this before it was read may have been changed since. */
const SETTLED_MS = 100

/**
 * The state of files and of their folders: a file that is changed, replaced, or put beside another one changes it. `undefined`: one of them
 * is gone, or younger than `before`.
 */
async function stateOf(files: readonly string[], before = Number.POSITIVE_INFINITY): Promise<string | undefined> {
  const paths = [...new Set(files.flatMap((file) => [file, dirname(file)]))].sort()
  const states = await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => undefined)))
  const texts = states.map((state) => {
    if (!state || Number(state.ctimeMs) >= before) return undefined
    return [state.ino, state.size, state.mtimeNs, state.ctimeNs].join(' ')
  })
  return texts.includes(undefined) ? undefined : texts.join('\n')
}

async function compileAnew(realFile: string, realRoot: string): Promise<Compilation & { readonly metafile: Metafile }> {
  const shown = relative(realRoot, realFile)
  const result = await anyhow(() =>
    build({
      entryPoints: [realFile],
      outfile: join(realRoot, 'definition.mjs'),
      absWorkingDir: realRoot,
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      minifyWhitespace: true,
      legalComments: 'none',
      charset: 'utf8',
      metafile: true,
      sourcemap: 'external',
      sourcesContent: false,
      sourceRoot: pathToFileURL(join(realRoot, '/')).href,
      // The nearest tsconfig.json differs between a clone and an installed product: none is read.
      tsconfigRaw: {},
      logLevel: 'silent',
      plugins: [productPlugin],
    }),
  ).catch((error: unknown) => {
    throw buildError(error, shown)
  })
  if (!Object.values(result.metafile.outputs).some((output) => output.exports.includes('default'))) {
    throw new DaybreakError('DefinitionInvalid', `${shown} has no default export`, {
      details: [`${shown}: has no default export`],
      next: 'Write export default definePipeline({ … }) in it, then try daybreak check.',
      place: { file: shown },
    })
  }
  const code = outputText(result, '.mjs')
  const fingerprint = createHash('sha256').update(code).digest('hex')
  return {
    compiled: { code, map: outputText(result, '.map'), fingerprint },
    warnings: [...result.warnings.map(messageText), ...escapes(result.metafile)],
    metafile: result.metafile,
  }
}

/**
 * Ctrl-C reaches esbuild's own process too, while we still have an attempt to seal and a message to send: then it is started again.
 */
async function anyhow<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isBuildFailure(error)) throw error
    await dismissBundler()
    return await work()
  }
}

function outputText(result: BuildResult<{ write: false }>, ending: string): string {
  const output = result.outputFiles.find(({ path }) => path.endsWith(ending))
  if (!output) throw new DaybreakError('Unexpected', `esbuild gave no ${ending} file`)
  return output.text
}

/** A warning for each import of a module through which a definition can depend on what its fingerprint does not cover. */
function escapes(metafile: Metafile): readonly string[] {
  // The inputs list type-only and unused imports too; the output lists those that are left.
  const left = new Set(Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path)))
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ external, path }) => external && left.has(path) && isBuiltin(path) && REACHES_OUT.test(path))
      .map(({ path }) => `${file}: imports ${path}; what the definition reads through it is not part of its fingerprint`),
  )
}

function buildError(error: unknown, file: string): DaybreakError {
  if (!isBuildFailure(error)) {
    return new DaybreakError('Unexpected', `esbuild could not compile ${file}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const details = error.errors.map(messageText)
  const location = error.errors[0]?.location
  const place: Place = location ? { file: location.file, line: location.line } : { file }
  return new DaybreakError('DefinitionInvalid', `${file} cannot be compiled: ${details[0] ?? error.message}`, {
    details,
    place,
    cause: error,
  })
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

/** `file:line:column: text`, with esbuild's suggestions; its notes without a location are advice on esbuild's own options. */
function messageText({ location, text, notes }: Message): string {
  // esbuild counts columns from 0.
  const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : ''
  return `${place}${[text, ...notes.filter((note) => note.location).map((note) => note.text)].join('. ')}`
}
