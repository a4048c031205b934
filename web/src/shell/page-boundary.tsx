import { Component, type ReactNode } from 'react'
import { ProblemAlert } from '../components/problem-alert'

/** A page that breaks leaves the frame and the way to the others. */
export class PageBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    return error ? (
      <ProblemAlert error={error} retry={() => this.setState({ error: undefined })} />
    ) : (
      this.props.children
    )
  }
}
