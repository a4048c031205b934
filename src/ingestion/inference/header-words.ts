import { snakeCase } from './names.js'

/** What a header says that a column holds, by its words in English and some other languages of trade. */
export interface HeaderMeaning {
  /** identifies something: `Order ID`, `SKU`, `Kontonummer` */
  isIdentifier: boolean
  /** an identifier of somebody or something else than the row: `customer_id` */
  isForeign: boolean
  /** a number that is a name: postal codes, telephone and account numbers */
  isNumberedName: boolean
  isTime: boolean
  /** a position within something: `line_no` */
  isPosition: boolean
  isYear: boolean
  /** adding it up means nothing: prices, rates, coordinates, temperatures */
  isIntensive: boolean
  isCoordinate: boolean
}

const IDENTIFIER = words(
  'id|ids|uuid|guid|key|code|number|no|nr|num|nummer|numero|ref|reference|referenz|sku|isbn|isin|iban|symbol|ticker|' +
    'bib|ean|gtin|vin|imei|mac|hash|token|slug|serial|barcode|plate|pk|matricule|kennung|trackingnumber|callsign|icao|iata',
)
const FOREIGN = words(
  'customer|client|user|buyer|seller|vendor|supplier|product|item|article|store|shop|branch|employee|driver|patient|' +
    'doctor|physician|team|player|parent|manager|category|department|country|region|city|campaign|course|teacher|member|' +
    'merchant|owner|kunde|kunden|session|visitor|postal|zip|status|type|error|currency|group|class|location|zone|rate|ref|reference|cheque|check',
)
const NUMBERED_NAME =
  /(^|_)(zip|zip_?code|postal|post_?code|postcode|plz|postleitzahl|code_postal|pin_?code|phone|telephone|tel|telefon|mobile|cell|fax|iban|bic|blz|ean|ean13|gtin|upc|isbn|barcode|ssn|npi|vat|siret|siren|insee|fips|imei|msisdn|card|account_(no|number|nr)|account|konto|kontonummer|kontonr|account_?no)($|_)/
const TIME =
  /(^|_)(time|ts|date|datetime|epoch|timestamp|at|on|day|datum|tag|dt|jour|heure|zeit|zeitpunkt|fecha|data|valuta|buchungstag|created|updated|modified|ordered|unix|when|dob|birthday|born)($|_)|date$|datum$|time$|(^|_)date/
const POSITION =
  /(^|_)(line|line_?no|line_?number|line_?item|item_?no|position|pos|seq|sequence|row_?no|index|lap|round|rank)($|_)/
const YEAR = /(^|_)(year|yr|jahr|annee|ano|anno|month|monat|mois|week|woche|quarter|day|hour|weekday|dow|season)($|_)/
const COORDINATE = /(^|_)(lat|latitude|lon|lng|long|longitude|breite|breitengrad|laengengrad|x|y|easting|northing)($|_)/
const INTENSIVE =
  /(^|_)(price|unit_price|preis|prix|cost_per|rate|ratio|percent|percentage|pct|share|discount|rabatt|remise|average|avg|mean|median|score|rating|age|temperature|temp|humidity|pressure|speed|velocity|voltage|current|frequency|level|balance|saldo|solde|open|high|low|close|adj_close|bmi|height|weight|depth|elevation|altitude|magnitude|ph|index|rank|grade|gpa|factor|efficiency|heart_rate|pulse|systolic|diastolic|kurs|fx|exchange|interest|yield|odds|capacity|limit|battery|wind|direction|angle|heading|latency|response_time|status|quality|version|port|celsius|fahrenheit|co2|pm25|pm2_5|pm10|snr|rssi|uv|visibility|dew|per)($|_)/
/** A price of everything is an amount. */
const TOTAL = /(^|_)(total|sum|subtotal|gesamt|gesamtpreis|montant|extended|line_amount|amount)($|_)/

/** Reads a header. */
export function meaningOf(header: string): HeaderMeaning {
  const name = snakeCase(header)
  const isPosition = POSITION.test(name)
  const isCoordinate = COORDINATE.test(name)
  const isYear = YEAR.test(name)
  return {
    isIdentifier: IDENTIFIER.test(name) || /(id|nummer|number|code)$/.test(name) || isPosition,
    isForeign: FOREIGN.test(name),
    isNumberedName: NUMBERED_NAME.test(name),
    isTime: TIME.test(name),
    isPosition,
    isYear,
    isCoordinate,
    isIntensive: (INTENSIVE.test(name) && !TOTAL.test(name)) || isCoordinate,
  }
}

function words(list: string): RegExp {
  return new RegExp(`(^|_)(${list})($|_)`)
}
