// Prints the sample meter-readings.ndjson, the same bytes each time: invented hourly readings of twelve electricity meters.
import { createHash } from 'node:crypto'

const METERS = [
  { id: 'AT-0101', kind: 'household', country: 'Austria', grid: 'Wien', site: 'Mariahilf 12' },
  { id: 'AT-0102', kind: 'household', country: 'Austria', grid: 'Wien', site: 'Mariahilf 14' },
  { id: 'AT-0201', kind: 'bakery', country: 'Austria', grid: 'Steiermark', site: 'Backstube Grün & Söhne' },
  { id: 'CH-0301', kind: 'household', country: 'Switzerland', grid: 'Zürich', site: 'Seefeld 3' },
  { id: 'CH-0302', kind: 'heat pump', country: 'Switzerland', grid: 'Zürich', site: 'Seefeld 3' },
  { id: 'CH-0401', kind: 'workshop', country: 'Switzerland', grid: 'Ticino', site: 'Officina "La Rapida"' },
  { id: 'DE-0501', kind: 'household', country: 'Germany', grid: 'Berlin', site: 'Wedding 77' },
  { id: 'DE-0502', kind: 'solar roof', country: 'Germany', grid: 'Berlin', site: 'Wedding 77' },
  { id: 'DE-0601', kind: 'cold store', country: 'Germany', grid: 'Hamburg', site: 'Fischmarkt, Halle 2' },
  { id: 'DE-0701', kind: 'solar roof', country: 'Germany', grid: 'Bayern', site: 'Hof Brunner' },
  { id: 'DE-0702', kind: 'dairy farm', country: 'Germany', grid: 'Bayern', site: 'Hof Brunner' },
  { id: 'DE-0801', kind: 'charging point', country: 'Germany', grid: 'Hessen', site: 'Parkhaus Süd' },
]
/** Watt-hours in a usual hour; a solar roof feeds in, so its readings are negative by day. */
const USUAL_WH = {
  household: 320,
  bakery: 4_100,
  'heat pump': 900,
  workshop: 2_600,
  'solar roof': -2_200,
  'cold store': 9_400,
  'dairy farm': 3_300,
  'charging point': 7_200,
}
/** Ten-thousandths of a euro per kWh, the market's hour of the day (UTC) in it. */
const TARIFFS = { night: 2_415, day: 3_190, peak: 3_875, 'feed-in': 820 }
const FIRST_HOUR = Date.UTC(2025, 2, 24)
const DAYS = 14
const MISSED_OF_100 = 1

for (let hour = 0; hour < DAYS * 24; hour++) {
  for (const meter of METERS) console.log(JSON.stringify(reading(meter, new Date(FIRST_HOUR + hour * 3_600_000))))
}

function reading({ id, kind, country, grid, site }, at) {
  const read_at = at.toISOString().replace('.000', '')
  const wh = draw(`${id} missed ${read_at}`, 100) < MISSED_OF_100 ? null : wattHours(kind, id, at)
  const tariff = tariffOf(kind, at.getUTCHours())
  const eur_per_kwh = TARIFFS[tariff] / 10_000
  const cost_eur = wh === null ? null : Math.round((wh * TARIFFS[tariff]) / 1_000) / 10_000
  return { read_at, meter: id, kind, site, grid, country, tariff, wh, eur_per_kwh, cost_eur }
}

function wattHours(kind, id, at) {
  const hour = at.getUTCHours()
  const isDay = hour >= 6 && hour < 18
  const percent = 40 + draw(`${id} ${at.toISOString()}`, 90) + (isDay ? 35 : 0)
  if (kind === 'solar roof' && !isDay) return 3 + (percent % 5)
  return Math.round((USUAL_WH[kind] * percent) / 100)
}

function tariffOf(kind, hour) {
  if (kind === 'solar roof' && hour >= 6 && hour < 18) return 'feed-in'
  if (hour >= 16 && hour < 20) return 'peak'
  return hour >= 5 && hour < 21 ? 'day' : 'night'
}

/** A whole number from 0 to `below` - 1 that only the text decides. */
function draw(text, below) {
  return createHash('sha256').update(text).digest().readUInt32BE() % below
}
