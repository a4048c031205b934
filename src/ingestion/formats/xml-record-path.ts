import { XmlParser } from './xml-parser.js'

/** What is known of the elements that share one path. */
interface PathFacts {
  depth: number
  /** stands twice or more under one parent */
  repeats: boolean
  /** has child elements or attributes: a plain value has neither */
  isComplex: boolean
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
 * Decides by the beginning of a file which elements are its records, as a path of names from the root:
 *
 * 1. of the elements with child elements or attributes that stand twice or more under one parent, those that lie least
 *    deep, and of these the first;
 * 2. when none repeats, the first element that has plain values for children and no deeper elements, else the first with
 *    attributes and neither children nor text;
 * 3. when there is none of these either (the first record is longer than the beginning), the root's first child.
 *
 * Elements of other names beside the records (a header, totals) are not records. Gives an empty path when no element of
 * the beginning can be one.
 */
export class RecordPathFinder {
  private readonly paths = new Map<string, PathFacts>()
  private readonly open_: OpenElement[] = []
  private firstOfPlainChildren: string | undefined
  private firstOfAttributes: string | undefined
  private readonly parser = new XmlParser(this)

  /** Throws BrokenFileError for what is not well-formed or not allowed. */
  write(text: string): void {
    this.parser.write(text)
  }

  /** Says that the file has no more text. */
  end(): void {
    this.parser.end()
  }

  /** Whether any element was found by the first rule. */
  hasFoundList(): boolean {
    return [...this.paths.values()].some(isList)
  }

  open(name: string, depth: number): void {
    const parent = this.open_.at(-1)
    const path = parent ? `${parent.path}/${name}` : name
    let facts = this.paths.get(path)
    if (!facts) this.paths.set(path, (facts = { depth, repeats: false, isComplex: false }))
    if (parent) {
      if (parent.seen.has(name)) facts.repeats = true
      parent.seen.add(name)
      parent.childElements++
      parent.facts.isComplex = true
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

  attribute(): void {
    const element = this.open_.at(-1)!
    element.attributes++
    element.facts.isComplex = true
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
    if (element.hasPlainChild && !element.hasNestedChild) this.firstOfPlainChildren ??= element.path
    if (isAttributesOnly) this.firstOfAttributes ??= element.path
  }

  result(): string[] {
    let repeated: [path: string, facts: PathFacts] | undefined
    let child: string | undefined
    for (const [path, facts] of this.paths) {
      if (isList(facts) && (!repeated || facts.depth < repeated[1].depth)) repeated = [path, facts]
      if (facts.depth === 1) child ??= path
    }
    const path = repeated?.[0] ?? this.firstOfPlainChildren ?? this.firstOfAttributes ?? child
    return path?.split('/') ?? []
  }
}

function isList({ repeats, isComplex }: PathFacts): boolean {
  return repeats && isComplex
}
