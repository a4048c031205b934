import { Component, type ReactNode } from 'react'
import { ApiProblem } from '../api/http'
import { ProblemAlert } from '../components/problem-alert'

/** A page that breaks leaves the frame and the way to the others. */
export class PageBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    // A part that could not be loaded comes with the whole page, once the server answers.
    const retry = error instanceof ApiProblem ? undefined : () => this.setState({ error: undefined })
    return <ProblemAlert error={error} retry={retry} />
  }
}
