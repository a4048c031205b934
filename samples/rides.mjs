// Prints the sample rides.csv, the same bytes each time: invented rides of a town's bike sharing in June 2025.
import { createHash } from 'node:crypto'

const STATIONS = [
  'Hauptbahnhof',
  'Marktplatz',
  'Universität',
  'Seepark, Nord',
  'Seepark, Süd',
  'Messe',
  'Altes Rathaus',
  'Klinikum',
]
const BIKES = ['classic', 'classic', 'classic', 'electric', 'electric', 'cargo']
/** Cents for unlocking and for each minute begun; members unlock for nothing. */
const PRICES = { classic: [100, 8], electric: [100, 15], cargo: [200, 20] }
const METRES_PER_MINUTE = { classic: 190, electric: 260, cargo: 150 }
const FIRST_DAY = Date.UTC(2025, 5, 1)
const DAYS = 30
const RIDES_A_DAY = 80
/** One bike in a hundred is not brought back to a station. */
const LOST_OF_100 = 1
const UNRATED_OF_100 = 60

console.log(
  'Ride ID,Started at,Ended at,Start station,End station,Bike,Member,Duration (min),Distance (km),Amount (EUR),Rating',
)
for (let day = 0; day < DAYS; day++) {
  const times = Array.from({ length: ridesOf(day) }, (_, ride) => draw(`${day} ${ride} start`, 17 * 3600) + 6 * 3600)
  times.sort((a, b) => a - b)
  times.forEach((second, ride) => console.log(rideOf(day, ride, FIRST_DAY + (day * 86_400 + second) * 1000)))
}

/** Fewer at weekends, and some days it rains. */
function ridesOf(day) {
  const isWeekend = [0, 6].includes(new Date(FIRST_DAY + day * 86_400_000).getUTCDay())
  const isRainy = draw(`${day} rain`, 4) === 0
  return Math.round(RIDES_A_DAY * (isWeekend ? 0.7 : 1.2) * (isRainy ? 0.5 : 1))
}

function rideOf(day, ride, startMs) {
  const id = `R${String(day * 1000 + ride + 1).padStart(5, '0')}`
  const bike = BIKES[draw(`${id} bike`, BIKES.length)]
  const isMember = draw(`${id} member`, 100) < 62
  const seconds = 150 + draw(`${id} seconds`, 1500) + (draw(`${id} long`, 10) === 0 ? draw(`${id} more`, 5400) : 0)
  const minutes = Math.ceil(seconds / 60)
  const metres = Math.round((seconds / 60) * METRES_PER_MINUTE[bike] * (0.7 + draw(`${id} speed`, 60) / 100))
  const [unlocking, perMinute] = PRICES[bike]
  const cents = (isMember ? 0 : unlocking) + minutes * perMinute
  const isLost = draw(`${id} lost`, 100) < LOST_OF_100
  const end = isLost ? '' : STATIONS[draw(`${id} end`, STATIONS.length)]
  const rating =
    draw(`${id} rated`, 100) < UNRATED_OF_100 ? '' : 5 - Math.min(draw(`${id} stars`, 7), draw(`${id} star`, 5))
  const start = STATIONS[draw(`${id} from`, STATIONS.length)]
  return [
    id,
    at(startMs),
    at(startMs + seconds * 1000),
    start,
    end,
    bike,
    isMember ? 'yes' : 'no',
    minutes,
    (metres / 1000).toFixed(2),
    (cents / 100).toFixed(2),
    rating,
  ]
    .map(field)
    .join(',')
}

function at(ms) {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

function field(value) {
  const text = String(value)
  return text.includes(',') ? `"${text}"` : text
}

/** A whole number from 0 to `below` - 1 that only the text decides. */
function draw(text, below) {
  return createHash('sha256').update(text).digest().readUInt32BE() % below
}
