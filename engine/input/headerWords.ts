/**
 * Knows the words that a line of a header has and a record has not: names of columns and units. A line with anything else in it is a
 * record, however wrong its values are: one bad record must not cost a day.
 */

/** Units and types that headers name. Single letters that may as well be values are left out. */
const UNITS = new Set(
  [
    // These are of money.
    'eur usd gbp chf jpy cny inr aud cad sek nok dkk pln czk huf brl mxn zar € $ £ ¥ k€ teur tsd mio m€ cent cents ct',
    // These are of shares.
    '% ‰ pct percent ppm ratio share',
    // These are of length, area, volume and mass.
    'mm cm dm m km in inch inches ft feet yd mi mile miles mm2 cm2 m2 km2 mm² cm² m² km² ha acre sqft sqm ml cl l hl m3 m³ cm3 gal mg g kg t lb lbs oz',
    // These are of time.
    'ns us ms s sec secs second seconds min mins minute minutes h hr hrs hour hours day days week weeks month months yr yrs year years',
    // These are of physics.
    '°c °f kelvin celsius fahrenheit kw mw wh kwh mwh kj pa hpa kpa bar mbar volt mv mah hz khz mhz ghz deg rad db lux km/h kmh m/s mph rpm',
    // These are of counts and data.
    'count counts number no no. nr nr. # pcs pc pieces piece units unit items score index points kb mb gb tb bytes bit bits',
    // These are types, as exports of databases and dictionaries of data write them.
    'string str text varchar char character int int32 int64 integer bigint smallint long numeric decimal float float32 float64 double real date datetime timestamp time bool boolean category categorical nominal ordinal enum object id key',
  ].flatMap((words) => words.split(' ')),
)

/** Forms of a day or a time: `YYYY-MM-DD`, `dd.mm.yy`, `hh:mm`. */
const FORM = /^[ymdhs]{1,4}([-./: t]+[ymdhs]{1,4})+$/

/** Says whether a cell is a unit, a type or a form, such as `EUR`, `[kg]`, `(in %)`, `km/h` or `YYYY-MM-DD`. */
export function isUnit(cell: string): boolean {
  const text = cell
    .trim()
    .toLowerCase()
    .replace(/^[[({<]\s*(?:in\s+)?|\s*[\])}>]$/g, '')
  return UNITS.has(text) || FORM.test(text) || (/^[^/]+\/[^/]+$/.test(text) && text.split('/').every((part) => UNITS.has(part.trim())))
}

const bare = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')

/** Says whether a cell is one of these names, in any case and with any spaces between its words. */
export const isName = (cell: string, names: readonly string[]): boolean => names.some((name) => bare(name) === bare(cell))

/** Says whether a cell has a name among other words or with a unit, as descriptions of a column do: `Age in years`, `Income (EUR)`. */
export function saysName(cell: string, names: readonly string[]): boolean {
  const words = bareWords(cell)
  return names.some((name) => {
    const own = bareWords(name)
    return own.length > 0 && own.join('').length >= 3 && own.every((word) => words.includes(word))
  })
}

const bareWords = (text: string) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

/** Says whether a cell says nothing: it is blank, or a dash. */
export const saysNothing = (cell: string): boolean => /^[\s\-–—_.]*$/.test(cell)
