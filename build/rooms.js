/**
 * Says once which rooms the house has and who may import whom. `npm run rooms` writes the linter's rules from it into biome.json and says
 * what changed. A test holds the rules, and the code itself, to this table.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { ROOT } from './layout.js'

/** @typedef {{ readonly from: readonly string[], readonly notRooms?: readonly string[], readonly not?: readonly string[] }} Room */

const TEMPORAL = '@temporalio/**'
const NODE = ['node:*', 'node:*/**']

/**
 * The rooms, from top to bottom. A room imports from itself, from the rooms in `from` and from whatever those may import from. It must not
 * import from `notRooms`, although it could reach them, nor the packages in `not`.
 * @type {Readonly<Record<string, Room>>}
 */
export const ROOMS = {
  client: { from: ['worker'], notRooms: ['activities'], not: ['zod'] },
  worker: { from: ['activities', 'workflows'], not: ['zod'] },
  workflows: { from: ['engine/protocol'], not: ['@temporalio/activity', '@temporalio/client', '@temporalio/worker', ...NODE, 'zod'] },
  activities: { from: ['days'], not: ['zod'] },
  days: { from: ['templates', 'engine/storage', 'engine/quality'], not: [TEMPORAL, 'zod'] },
  templates: { from: ['engine/protocol'], not: [TEMPORAL, 'zod'] },
  'engine/storage': { from: ['engine/input'], not: [TEMPORAL, 'zod'] },
  'engine/quality': { from: ['engine/batch'], not: [TEMPORAL, 'zod'] },
  'engine/batch': { from: ['engine/scoring', 'engine/input'], not: [TEMPORAL, 'zod'] },
  'engine/scoring': { from: ['engine/model', 'engine/table', 'engine/loader'], not: [TEMPORAL, 'zod'] },
  'engine/input': { from: ['engine/table', 'engine/files'], not: [TEMPORAL, 'zod'] },
  'engine/table': { from: ['engine/protocol'], not: [TEMPORAL, 'zod'] },
  'engine/model': { from: ['engine/model/trees'], not: [TEMPORAL, 'zod'] },
  'engine/model/trees': { from: ['engine/model/onnx'], not: [TEMPORAL, 'zod'] },
  'engine/model/onnx': { from: ['engine/protocol'], not: [TEMPORAL, 'zod'] },
  'engine/loader': { from: ['engine/files'], not: [TEMPORAL] },
  'engine/files': { from: ['engine/protocol'], not: [TEMPORAL, 'zod'] },
  'engine/protocol': { from: ['definition'], not: [TEMPORAL, ...NODE, 'zod'] },
  definition: { from: [], not: [TEMPORAL, ...NODE, 'zod'] },
}

/** Lists the rooms that a room may import from, itself among them. */
export function reachable(/** @type {string} */ room, rooms = ROOMS) {
  const found = new Set([room])
  for (const one of found) for (const next of rooms[one]?.from ?? []) found.add(next)
  for (const one of rooms[room]?.notRooms ?? []) found.delete(one)
  return found
}

/** Finds the room of a file, the innermost of several; `undefined` when it is outside all rooms. @param file path from the root on */
export function roomOf(/** @type {string} */ file, rooms = ROOMS) {
  return Object.keys(rooms)
    .filter((room) => file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** Makes the linter's rules, one for each room. A room is known by its last name, however deep the file is that imports from it. */
export function lintRules(rooms = ROOMS) {
  return Object.entries(rooms).map(([room, { not = [] }]) => {
    const near = reachable(room, rooms)
    const far = Object.keys(rooms).filter((other) => !near.has(other))
    const group = [...far.map((other) => `**/${other.split('/').at(-1)}/**`), ...not]
    const message = `${room}/ imports only from the rooms below it: see CONTRIBUTING.md.`
    const rule = { level: 'error', options: { patterns: [{ group, message }] } }
    return { includes: [`${room}/**`], linter: { rules: { style: { noRestrictedImports: rule } } } }
  })
}

const CONFIGURATION = join(ROOT, 'biome.json')

const isRoomRule = (/** @type {any} */ override) => override.linter?.rules?.style?.noRestrictedImports !== undefined

function writeRules() {
  const configuration = JSON.parse(readFileSync(CONFIGURATION, 'utf8'))
  const before = configuration.overrides.filter(isRoomRule)
  const rules = lintRules()
  configuration.overrides = [...configuration.overrides.filter((/** @type {any} */ one) => !isRoomRule(one)), ...rules]
  writeFileSync(CONFIGURATION, JSON.stringify(configuration))
  execFileSync('npx', ['biome', 'format', '--write', CONFIGURATION], { cwd: ROOT, stdio: 'ignore' })
  stdout.write(`${differences(before, rules).join('\n') || 'biome.json has these rules already.'}\n`)
}

/** Tells what the rules forbid now and did not before, and what they forbade and do not now: a line for each room. */
function differences(/** @type {any[]} */ before, /** @type {any[]} */ after) {
  const groups = (/** @type {any[]} */ rules) =>
    new Map(
      rules.map(({ includes, linter }) => [
        includes[0],
        linter.rules.style.noRestrictedImports.options.patterns.flatMap((/** @type {any} */ one) => one.group),
      ]),
    )
  const [old, now] = [groups(before), groups(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((place) => {
    const [was, is] = [old.get(place) ?? [], now.get(place) ?? []]
    const added = is.filter((/** @type {string} */ one) => !was.includes(one)).map((/** @type {string} */ one) => `+${one}`)
    const gone = was.filter((/** @type {string} */ one) => !is.includes(one)).map((/** @type {string} */ one) => `-${one}`)
    return added.length + gone.length > 0 ? [`${place}: ${[...added, ...gone].join(' ')}`] : []
  })
}

if (argv[1] === fileURLToPath(import.meta.url)) writeRules()
