import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { NavigationType, useNavigationType, useSearchParams } from 'react-router'
import { DEFAULT_DATASET, parseQuestion, textOf, type Question } from './question'

/** So that not every letter typed is a change of the address, which browsers limit. */
const QUIET_MS = 300

/** The question on the page. It stands in the address as well, so that it can be kept and passed on. */
export function useQuestion() {
  const [address, setAddress] = useSearchParams()
  const navigation = useNavigationType()
  const [question, setQuestion] = useState(() => readAddress(address))
  const [seen, setSeen] = useState(address)
  if (address !== seen) {
    setSeen(address)
    // Replaced addresses are our own; somebody who goes back or follows a link wants the other question.
    if (navigation !== NavigationType.Replace) setQuestion(readAddress(address))
  }

  const writeAddress = useDebouncedCallback(
    (next: Question) => setAddress({ q: textOf(next) }, { replace: true }),
    QUIET_MS,
  )
  const change = (changes: Partial<Question>) => {
    const next = { ...question, ...changes }
    setQuestion(next)
    writeAddress(next)
  }
  /** Another question, which one can go back from. */
  const open = (next: Question) => {
    setQuestion(next)
    setAddress({ q: textOf(next) })
  }
  const isUnreadable = address.has('q') && parseQuestion(address.get('q')!) === undefined
  return { question, change, open, isUnreadable }
}

function readAddress(address: URLSearchParams): Question {
  return parseQuestion(address.get('q') ?? '') ?? { dataset: address.get('dataset') ?? DEFAULT_DATASET }
}
