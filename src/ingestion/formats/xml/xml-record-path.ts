import { XmlParser } from './xml-parser.js'

/** What is known of the elements that share one path. */
interface PathFacts {
  depth: number
  /** stands twice or more under one parent */
  repeats: boolean
  /** has child elements or attributes: a plain value has neither */
  isComplex: boolean
  /** names of child elements and attributes that are wanted */
  wanted: Set<string>
}

interface OpenElement {
  path: string
  facts: PathFacts
  childElements: number
  attributes: number
  hasText: boolean
  hasNestedChild: boolean
  hasPlainChild: boolean
  seen: Set<string>
}

/**
 * Decides by the beginning of a file which elements are its records, as a path of names from the root. These can be:
 *
 * 1. elements with child elements or attributes that stand twice or more under one parent, the least deep first;
 * 2. elements that have plain values for children and no deeper elements;
 * 3. elements with attributes and neither children nor text.
 *
 * Of them it is those with the most fields that are wanted, else the first in this order. When there are none (the
 * first record is longer than the beginning) it is the root's first child. Gives an empty path when no element of the
 * beginning can be a record.
 */
export class RecordPathFinder {
  private readonly paths = new Map<string, PathFacts>()
  private readonly open_: OpenElement[] = []
  private readonly withPlainChildren = new Set<string>()
  private readonly withAttributesOnly = new Set<string>()
  private readonly parser = new XmlParser(this)

  /** `isWanted` tells of a name whether the dataset looks for such a field. */
  constructor(private readonly isWanted: (name: string) => boolean) {}

  /** Throws BrokenFileError for what is not well-formed or not allowed. */
  write(text: string): void {
    this.parser.write(text)
  }

  /** Says that the file has no more text. */
  end(): void {
    this.parser.end()
  }

  /** Whether any elements of the first kind have fields that are wanted. */
  hasFoundList(): boolean {
    return [...this.paths.values()].some((facts) => isList(facts) && facts.wanted.size > 0)
  }

  open(name: string, depth: number): void {
    const parent = this.open_.at(-1)
    const path = parent ? `${parent.path}/${name}` : name
    let facts = this.paths.get(path)
    if (!facts) this.paths.set(path, (facts = { depth, repeats: false, isComplex: false, wanted: new Set() }))
    if (parent) {
      if (parent.seen.has(name)) facts.repeats = true
      parent.seen.add(name)
      parent.childElements++
      this.addField(parent.facts, name)
    }
    this.open_.push({
      path,
      facts,
      childElements: 0,
      attributes: 0,
      hasText: false,
      hasNestedChild: false,
      hasPlainChild: false,
      seen: new Set(),
    })
  }

  attribute(name: string): void {
    const element = this.open_.at(-1)!
    element.attributes++
    this.addField(element.facts, name)
  }

  text(text: string): void {
    const element = this.open_.at(-1)
    if (element && text.trim() !== '') element.hasText = true
  }

  close(): void {
    const element = this.open_.pop()!
    const parent = this.open_.at(-1)
    const isAttributesOnly = element.childElements === 0 && element.attributes > 0 && !element.hasText
    if (parent && element.childElements > 0) parent.hasNestedChild = true
    if (parent && element.childElements === 0 && !isAttributesOnly) parent.hasPlainChild = true
    if (element.hasPlainChild && !element.hasNestedChild) this.withPlainChildren.add(element.path)
    if (isAttributesOnly) this.withAttributesOnly.add(element.path)
  }

  result(): string[] {
    const all = [...this.paths]
    const lists = all.filter(([, facts]) => isList(facts)).sort(([, one], [, other]) => one.depth - other.depth)
    const candidates = [...lists.map(([path]) => path), ...this.withPlainChildren, ...this.withAttributesOnly]
    const wantedIn = (path: string): number => this.paths.get(path)!.wanted.size
    const most = candidates.reduce((count, path) => Math.max(count, wantedIn(path)), 0)
    const path = candidates.find((candidate) => wantedIn(candidate) === most)
    const firstChild = all.find(([, { depth }]) => depth === 1)?.[0]
    return (path ?? firstChild)?.split('/') ?? []
  }

  private addField(facts: PathFacts, name: string): void {
    facts.isComplex = true
    if (this.isWanted(name)) facts.wanted.add(name)
  }
}

function isList({ repeats, isComplex }: PathFacts): boolean {
  return repeats && isComplex
}
